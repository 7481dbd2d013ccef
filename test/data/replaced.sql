-- A database as the replaced system left it after nine of the sample's events.
CREATE TABLE user (
	id TEXT NOT NULL PRIMARY KEY,
	email TEXT NOT NULL,
	first_name TEXT,
	last_name TEXT,
	email_verified INTEGER NOT NULL,
	profile_picture_url TEXT,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
);
CREATE TABLE organization (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
);
CREATE TABLE organization_membership (
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	organization_id TEXT NOT NULL,
	role_slug TEXT NOT NULL,
	status TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (id, user_id, organization_id),
	FOREIGN KEY (user_id) REFERENCES user (id),
	FOREIGN KEY (organization_id) REFERENCES organization (id)
);
CREATE TABLE events_cursor (
	event_id TEXT NOT NULL PRIMARY KEY,
	event_payload TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	processed_at INTEGER NOT NULL
);
CREATE INDEX events_cursor_created_at ON events_cursor (created_at);
INSERT INTO organization VALUES ('org_01M6DQSCQYMWYB8NHYWBKJSR6E', 'Acme Corp', 1793610003198, 1793610003198);
INSERT INTO events_cursor VALUES ('event_01M6DQSCRHV7FSAC536F9XQC8K', '{"object":"event","id":"event_01M6DQSCRHV7FSAC536F9XQC8K","event":"organization.created","data":{"object":"organization","id":"org_01M6DQSCQYMWYB8NHYWBKJSR6E","name":"Acme Corp","domains":[],"metadata":{},"external_id":null,"created_at":"2026-11-02T09:00:03.198Z","updated_at":"2026-11-02T09:00:03.198Z"},"created_at":"2026-11-02T09:00:03.217Z","context":{}}', 1793610003217, 1793610063217);
INSERT INTO organization VALUES ('org_01M6DR020HKD7D8PZS752GXZWZ', 'Globex', 1793610221585, 1793610221585);
INSERT INTO events_cursor VALUES ('event_01M6DR0214HSHQRCYW7P562BZS', '{"object":"event","id":"event_01M6DR0214HSHQRCYW7P562BZS","event":"organization.created","data":{"object":"organization","id":"org_01M6DR020HKD7D8PZS752GXZWZ","name":"Globex","domains":[{"object":"organization_domain","id":"org_domain_01M6DR020HGJB8JE9V5FQ1VZXT","organization_id":"org_01M6DR020HKD7D8PZS752GXZWZ","domain":"globex.example.com","state":"verified","verification_prefix":"superapp-domain-verification-x4k9","verification_token":"m5Oztg3jdK4NJLgs8uIlIprMw","verification_strategy":"dns","created_at":"2026-11-02T09:03:41.585Z","updated_at":"2026-11-02T09:03:41.585Z"}],"metadata":{},"external_id":null,"created_at":"2026-11-02T09:03:41.585Z","updated_at":"2026-11-02T09:03:41.585Z"},"created_at":"2026-11-02T09:03:41.604Z","context":{}}', 1793610221604, 1793610281604);
INSERT INTO organization VALUES ('org_01M6DR6JFZGD6MJBMEGPM7KTN7', 'Initech', 1793610435071, 1793610435071);
INSERT INTO events_cursor VALUES ('event_01M6DR6JGJ2F5RDMZW3TQFDZFK', '{"object":"event","id":"event_01M6DR6JGJ2F5RDMZW3TQFDZFK","event":"organization.created","data":{"object":"organization","id":"org_01M6DR6JFZGD6MJBMEGPM7KTN7","name":"Initech","domains":[{"object":"organization_domain","id":"org_domain_01M6DR6JFZ06QEAKK75YPZY4TH","organization_id":"org_01M6DR6JFZGD6MJBMEGPM7KTN7","domain":"initech.example.com","state":"pending","verification_prefix":"superapp-domain-verification-x4k9q","verification_token":"m5Oztg3jdK4NJLgs8uIlIprMw","verification_strategy":"dns","created_at":"2026-11-02T09:07:15.071Z","updated_at":"2026-11-02T09:07:15.071Z"}],"metadata":{},"external_id":null,"created_at":"2026-11-02T09:07:15.071Z","updated_at":"2026-11-02T09:07:15.071Z"},"created_at":"2026-11-02T09:07:15.090Z","context":{}}', 1793610435090, 1793610495090);
INSERT INTO user VALUES ('user_01M6DRDEJNPQY8BSAQAQWY1M1G', 'ada@example.com', 'Ada', 'Lovelace', 0, NULL, 1793610660437, 1793610660437);
INSERT INTO events_cursor VALUES ('event_01M6DRDEK2PF9JRN3PSF90YVDJ', '{"object":"event","id":"event_01M6DRDEK2PF9JRN3PSF90YVDJ","event":"user.created","data":{"object":"user","id":"user_01M6DRDEJNPQY8BSAQAQWY1M1G","first_name":"Ada","last_name":"Lovelace","name":"Ada Lovelace","profile_picture_url":null,"email":"ada@example.com","email_verified":false,"external_id":null,"metadata":{},"last_sign_in_at":null,"locale":"en-US","created_at":"2026-11-02T09:11:00.437Z","updated_at":"2026-11-02T09:11:00.437Z"},"created_at":"2026-11-02T09:11:00.450Z","context":{}}', 1793610660450, 1793610720450);
INSERT INTO user VALUES ('user_01M6DRKKDAPMSX8N3YN9D0ZAAN', 'grace@example.com', 'Grace', 'Hopper', 1, 'https://images.example.com/grace.png', 1793610861994, 1793610861994);
INSERT INTO events_cursor VALUES ('event_01M6DRKKDQQ8TRHJQKTPT98RGA', '{"object":"event","id":"event_01M6DRKKDQQ8TRHJQKTPT98RGA","event":"user.created","data":{"object":"user","id":"user_01M6DRKKDAPMSX8N3YN9D0ZAAN","first_name":"Grace","last_name":"Hopper","name":"Grace Hopper","profile_picture_url":"https://images.example.com/grace.png","email":"grace@example.com","email_verified":true,"external_id":null,"metadata":{"plan":"team"},"last_sign_in_at":null,"locale":"en-US","created_at":"2026-11-02T09:14:21.994Z","updated_at":"2026-11-02T09:14:21.994Z"},"created_at":"2026-11-02T09:14:22.007Z","context":{}}', 1793610862007, 1793610922007);
INSERT INTO user VALUES ('user_01M6DRW2RJ17NFWK1B35FW4ZVF', 'linus@example.com', 'Linus', 'Åkesson', 0, NULL, 1793611139858, 1793611139858);
INSERT INTO events_cursor VALUES ('event_01M6DRW2RZSVFVP0XV15H965KC', '{"object":"event","id":"event_01M6DRW2RZSVFVP0XV15H965KC","event":"user.created","data":{"object":"user","id":"user_01M6DRW2RJ17NFWK1B35FW4ZVF","first_name":"Linus","last_name":"Åkesson","name":"Linus Åkesson","profile_picture_url":null,"email":"linus@example.com","email_verified":false,"external_id":null,"metadata":{},"last_sign_in_at":null,"locale":null,"created_at":"2026-11-02T09:18:59.858Z","updated_at":"2026-11-02T09:18:59.858Z"},"created_at":"2026-11-02T09:18:59.871Z","context":{}}', 1793611139871, 1793611199871);
INSERT INTO organization_membership VALUES ('om_01M6DS2G2GBZPEPSQZS1QKHPAJ', 'user_01M6DRDEJNPQY8BSAQAQWY1M1G', 'org_01M6DQSCQYMWYB8NHYWBKJSR6E', 'admin', 'active', 1793611350096, 1793611350096);
INSERT INTO events_cursor VALUES ('event_01M6DS2G30JXRJ20TTCSRFQG2G', '{"object":"event","id":"event_01M6DS2G30JXRJ20TTCSRFQG2G","event":"organization_membership.created","data":{"object":"organization_membership","id":"om_01M6DS2G2GBZPEPSQZS1QKHPAJ","user_id":"user_01M6DRDEJNPQY8BSAQAQWY1M1G","organization_id":"org_01M6DQSCQYMWYB8NHYWBKJSR6E","status":"active","role":{"slug":"admin"},"roles":[{"slug":"admin"}],"custom_attributes":{},"directory_managed":false,"created_at":"2026-11-02T09:22:30.096Z","updated_at":"2026-11-02T09:22:30.096Z"},"created_at":"2026-11-02T09:22:30.112Z","context":{}}', 1793611350112, 1793611410112);
INSERT INTO organization_membership VALUES ('om_01M6DS8EC4DE3B4WZZ6KYE37BB', 'user_01M6DRKKDAPMSX8N3YN9D0ZAAN', 'org_01M6DR020HKD7D8PZS752GXZWZ', 'member', 'active', 1793611544964, 1793611544964);
INSERT INTO events_cursor VALUES ('event_01M6DS8ECM8YBMXD5BRPY3TSDV', '{"object":"event","id":"event_01M6DS8ECM8YBMXD5BRPY3TSDV","event":"organization_membership.created","data":{"object":"organization_membership","id":"om_01M6DS8EC4DE3B4WZZ6KYE37BB","user_id":"user_01M6DRKKDAPMSX8N3YN9D0ZAAN","organization_id":"org_01M6DR020HKD7D8PZS752GXZWZ","status":"active","role":{"slug":"member"},"roles":[{"slug":"member"}],"custom_attributes":{},"directory_managed":false,"created_at":"2026-11-02T09:25:44.964Z","updated_at":"2026-11-02T09:25:44.964Z"},"created_at":"2026-11-02T09:25:44.980Z","context":{}}', 1793611544980, 1793611604980);
INSERT INTO organization_membership VALUES ('om_01M6DSEJ15THSNWEH6BRBEXR1Z', 'user_01M6DRW2RJ17NFWK1B35FW4ZVF', 'org_01M6DR6JFZGD6MJBMEGPM7KTN7', 'member', 'pending', 1793611745317, 1793611745317);
INSERT INTO events_cursor VALUES ('event_01M6DSEJ1NSGFW0E2BS439A319', '{"object":"event","id":"event_01M6DSEJ1NSGFW0E2BS439A319","event":"organization_membership.created","data":{"object":"organization_membership","id":"om_01M6DSEJ15THSNWEH6BRBEXR1Z","user_id":"user_01M6DRW2RJ17NFWK1B35FW4ZVF","organization_id":"org_01M6DR6JFZGD6MJBMEGPM7KTN7","status":"pending","role":{"slug":"member"},"roles":[{"slug":"member"}],"custom_attributes":{},"directory_managed":false,"created_at":"2026-11-02T09:29:05.317Z","updated_at":"2026-11-02T09:29:05.317Z"},"created_at":"2026-11-02T09:29:05.333Z","context":{}}', 1793611745333, 1793611805333);
