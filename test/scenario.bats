# SPDX-License-Identifier: MIT
# The replaced system's own test, with its queries: three each of organizations,
# users and memberships; the first of each deleted, the third updated; 15 events.

load helper

setup() {
	wos_setup
	newdb app
	api_start "$DATA/sample.jsonl"
	wos-sync "$app"
}

@test "scenario: the ledger has every event, the last one is the cursor" {
	run -0 sql "$app" 'SELECT count(*) FROM events_cursor'
	assert_output 15
	run -0 sql "$app" \
	    'SELECT event_id FROM events_cursor ORDER BY created_at DESC LIMIT 1'
	assert_output event_01M6DV3SEJJPQJQF4HE3MF40HY
	run -0 wos-apply --cursor "$app"
	assert_output event_01M6DV3SEJJPQJQF4HE3MF40HY
}

@test "scenario: the ledger begins with the four columns of old" {
	assert_equal "$(columns "$app" events_cursor | head -n 4)" \
	    $'event_id\nevent_payload\ncreated_at\nprocessed_at'
}

# bats test_tags=slow
@test "scenario: an event's payload is the event" {
	sql "$app" 'SELECT event_payload FROM events_cursor ORDER BY created_at' >got
	diff "$DATA/sample.jsonl" got
	run -0 sql "$app" 'SELECT count(*) FROM events_cursor
	    WHERE processed_at BETWEEN 1700000000000 AND 4102444800000'
	assert_output 15
	run -0 sql "$app" "SELECT created_at FROM events_cursor
	    WHERE event_id = 'event_01M6DQSCRHV7FSAC536F9XQC8K'"
	assert_output 1793610003217 # 2026-11-02T09:00:03.217Z
}

# The columns that were there, in their order, are where SELECT * had them.
first_columns() {
	sql "$app" "SELECT * FROM \"$1\" ORDER BY created_at" |
		cut -d '|' -f "1-$2" | sed 's/|t|/|1|/' # psql has true as t
}

@test "scenario: the first user is gone, the second as created, the third as updated" {
	diff - <(first_columns user 8) <<-'END'
	user_01M6DRKKDAPMSX8N3YN9D0ZAAN|grace@example.com|Grace|Hopper|1|https://images.example.com/grace.png|1793610861994|1793610861994
	user_01M6DRW2RJ17NFWK1B35FW4ZVF|linus@example.com|Linus|Åkesson|1||1793611139858|1793612448018
	END
}

@test "scenario: the first organization is gone, the third has its new name" {
	diff - <(first_columns organization 4) <<-'END'
	org_01M6DR020HKD7D8PZS752GXZWZ|Globex|1793610221585|1793610221585
	org_01M6DR6JFZGD6MJBMEGPM7KTN7|Initech International|1793610435071|1793612172494
	END
}

@test "scenario: the first membership is gone, the third has its new role" {
	diff - <(first_columns organization_membership 7) <<-'END'
	om_01M6DS8EC4DE3B4WZZ6KYE37BB|user_01M6DRKKDAPMSX8N3YN9D0ZAAN|org_01M6DR020HKD7D8PZS752GXZWZ|member|active|1793611544964|1793611544964
	om_01M6DSEJ15THSNWEH6BRBEXR1Z|user_01M6DRW2RJ17NFWK1B35FW4ZVF|org_01M6DR6JFZGD6MJBMEGPM7KTN7|admin|active|1793611745317|1793612641755
	END
}
