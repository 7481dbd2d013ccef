-- Made from catalogue.def by wos-apply --schema sqlite; don't edit.

CREATE TABLE IF NOT EXISTS "events_cursor" (
	"event_id" TEXT NOT NULL,
	"event_payload" TEXT NOT NULL,
	"created_at" INTEGER NOT NULL,
	"processed_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER)),
	"event_type" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "events_cursor_created_at_idx" ON "events_cursor" ("created_at");

CREATE TABLE IF NOT EXISTS "tombstone" (
	"object" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"sub_id" TEXT NOT NULL,
	"event_id" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("object", "id", "sub_id")
);

CREATE TABLE IF NOT EXISTS "orphan" (
	"object" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"sub_id" TEXT NOT NULL,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"updated_at" INTEGER NOT NULL,
	"todo" TEXT,
	PRIMARY KEY ("object", "id", "sub_id")
);
CREATE INDEX IF NOT EXISTS "orphan_todo_idx" ON "orphan" ("todo");

CREATE TABLE IF NOT EXISTS "listed_object" (
	"object" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"sub_id" TEXT NOT NULL,
	"listed_at" INTEGER NOT NULL,
	"payload" TEXT NOT NULL,
	"filled_updated_at" INTEGER,
	"filled_at" INTEGER,
	"item_updated_at" INTEGER,
	"item_at" INTEGER,
	PRIMARY KEY ("object", "id", "sub_id")
);

CREATE TABLE IF NOT EXISTS "listed" (
	"object" TEXT NOT NULL,
	"parent" TEXT NOT NULL,
	"listed_at" INTEGER NOT NULL,
	"count" INTEGER NOT NULL,
	"payload" TEXT NOT NULL,
	PRIMARY KEY ("object", "parent")
);

CREATE TABLE IF NOT EXISTS "parked_event" (
	"id" TEXT NOT NULL,
	"event_id" TEXT,
	"kind" TEXT NOT NULL,
	"text" TEXT NOT NULL,
	"reason" TEXT NOT NULL,
	"parked_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER)),
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "parked_event_event_id_idx" ON "parked_event" ("event_id");

CREATE TABLE IF NOT EXISTS "sync_cursor" (
	"name" TEXT NOT NULL,
	"event_id" TEXT NOT NULL,
	"event_at" INTEGER,
	"moved_at" INTEGER NOT NULL,
	"tail_seen_at" INTEGER,
	"gap_from" INTEGER,
	"gap_to" INTEGER,
	"scope_event_id" TEXT,
	"scope_organization_id" TEXT,
	"fill_event_id" TEXT,
	"fill_organization_id" TEXT,
	PRIMARY KEY ("name")
);

CREATE TABLE IF NOT EXISTS "cursor_scope" (
	"name" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	"since" INTEGER,
	"asked_at" INTEGER,
	"refused_at" INTEGER,
	"refused_by" TEXT,
	PRIMARY KEY ("name", "event_type")
);

CREATE TABLE IF NOT EXISTS "listing" (
	"name" TEXT NOT NULL,
	"since" INTEGER NOT NULL,
	PRIMARY KEY ("name")
);

CREATE TABLE IF NOT EXISTS "sync_run" (
	"name" TEXT NOT NULL,
	"began_at" INTEGER NOT NULL,
	"ended_at" INTEGER,
	"exit_status" INTEGER,
	"reason" TEXT,
	"message" TEXT,
	PRIMARY KEY ("name")
);

CREATE TABLE IF NOT EXISTS "verified" (
	"object" TEXT NOT NULL,
	"tried_at" INTEGER NOT NULL,
	"verified_at" INTEGER,
	"lists" INTEGER,
	"same" INTEGER,
	"differs" INTEGER,
	"missing_here" INTEGER,
	"missing_there" INTEGER,
	"ended" INTEGER,
	"repaired" BOOLEAN,
	PRIMARY KEY ("object")
);

CREATE TABLE IF NOT EXISTS "forgotten" (
	"name" TEXT NOT NULL,
	"before" INTEGER NOT NULL,
	"salt" TEXT,
	"count" INTEGER,
	PRIMARY KEY ("name")
);

CREATE TABLE IF NOT EXISTS "erased" (
	"hash" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"erased_at" INTEGER NOT NULL,
	PRIMARY KEY ("hash")
);

CREATE TABLE IF NOT EXISTS "user" (
	"id" TEXT NOT NULL,
	"email" TEXT,
	"first_name" TEXT,
	"last_name" TEXT,
	"email_verified" BOOLEAN,
	"profile_picture_url" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"name" TEXT,
	"external_id" TEXT,
	"metadata" TEXT,
	"last_sign_in_at" INTEGER,
	"locale" TEXT,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "user_email_idx" ON "user" ("email");
CREATE INDEX IF NOT EXISTS "user_external_id_idx" ON "user" ("external_id");

CREATE TABLE IF NOT EXISTS "organization" (
	"id" TEXT NOT NULL,
	"name" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"domains" TEXT,
	"metadata" TEXT,
	"external_id" TEXT,
	"stripe_customer_id" TEXT,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "organization_external_id_idx" ON "organization" ("external_id");

CREATE TABLE IF NOT EXISTS "organization_membership" (
	"id" TEXT NOT NULL,
	"user_id" TEXT,
	"organization_id" TEXT,
	"role_slug" TEXT,
	"status" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"roles" TEXT,
	"custom_attributes" TEXT,
	"directory_managed" BOOLEAN,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "organization_membership_user_id_idx" ON "organization_membership" ("user_id");
CREATE INDEX IF NOT EXISTS "organization_membership_organization_id_idx" ON "organization_membership" ("organization_id");

CREATE TABLE IF NOT EXISTS "organization_domain" (
	"id" TEXT NOT NULL,
	"organization_id" TEXT,
	"domain" TEXT,
	"state" TEXT,
	"verification_prefix" TEXT,
	"verification_token" TEXT,
	"verification_strategy" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "organization_domain_organization_id_idx" ON "organization_domain" ("organization_id");
CREATE INDEX IF NOT EXISTS "organization_domain_domain_idx" ON "organization_domain" ("domain");

CREATE TABLE IF NOT EXISTS "organization_domain_failure" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"organization_domain_id" TEXT,
	"organization_domain_organization_id" TEXT,
	"organization_domain_domain" TEXT,
	"reason" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "organization_domain_failure_organization_domain_id_idx" ON "organization_domain_failure" ("organization_domain_id");

CREATE TABLE IF NOT EXISTS "role" (
	"slug" TEXT NOT NULL,
	"resource_type_slug" TEXT,
	"permissions" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("slug")
);

CREATE TABLE IF NOT EXISTS "organization_role" (
	"organization_id" TEXT NOT NULL,
	"slug" TEXT NOT NULL,
	"name" TEXT,
	"description" TEXT,
	"resource_type_slug" TEXT,
	"permissions" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("organization_id", "slug")
);

CREATE TABLE IF NOT EXISTS "permission" (
	"id" TEXT NOT NULL,
	"slug" TEXT,
	"name" TEXT,
	"description" TEXT,
	"system" BOOLEAN,
	"resource_type_slug" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "permission_slug_idx" ON "permission" ("slug");

CREATE TABLE IF NOT EXISTS "invitation" (
	"id" TEXT NOT NULL,
	"email" TEXT,
	"state" TEXT,
	"accepted_at" INTEGER,
	"revoked_at" INTEGER,
	"expires_at" INTEGER,
	"organization_id" TEXT,
	"inviter_user_id" TEXT,
	"accepted_user_id" TEXT,
	"role_slug" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "invitation_email_idx" ON "invitation" ("email");
CREATE INDEX IF NOT EXISTS "invitation_organization_id_idx" ON "invitation" ("organization_id");

CREATE TABLE IF NOT EXISTS "session" (
	"id" TEXT NOT NULL,
	"user_id" TEXT,
	"organization_id" TEXT,
	"auth_method" TEXT,
	"status" TEXT,
	"ip_address" TEXT,
	"user_agent" TEXT,
	"impersonator_email" TEXT,
	"impersonator_reason" TEXT,
	"expires_at" INTEGER,
	"ended_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "session_user_id_idx" ON "session" ("user_id");
CREATE INDEX IF NOT EXISTS "session_organization_id_idx" ON "session" ("organization_id");

CREATE TABLE IF NOT EXISTS "connection" (
	"id" TEXT NOT NULL,
	"organization_id" TEXT,
	"connection_type" TEXT,
	"name" TEXT,
	"state" TEXT,
	"status" TEXT,
	"external_key" TEXT,
	"domains" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "connection_organization_id_idx" ON "connection" ("organization_id");

CREATE TABLE IF NOT EXISTS "connection_certificate" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"connection_id" TEXT,
	"connection_organization_id" TEXT,
	"certificate_certificate_type" TEXT,
	"certificate_expiry_date" INTEGER,
	"certificate_is_expired" BOOLEAN,
	"days_until_expiry" INTEGER,
	"renewed_at" INTEGER,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "connection_certificate_connection_id_idx" ON "connection_certificate" ("connection_id");

CREATE TABLE IF NOT EXISTS "directory" (
	"id" TEXT NOT NULL,
	"organization_id" TEXT,
	"type" TEXT,
	"name" TEXT,
	"state" TEXT,
	"external_key" TEXT,
	"domains" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "directory_organization_id_idx" ON "directory" ("organization_id");

CREATE TABLE IF NOT EXISTS "directory_user" (
	"id" TEXT NOT NULL,
	"directory_id" TEXT,
	"organization_id" TEXT,
	"idp_id" TEXT,
	"email" TEXT,
	"first_name" TEXT,
	"last_name" TEXT,
	"name" TEXT,
	"emails" TEXT,
	"job_title" TEXT,
	"username" TEXT,
	"state" TEXT,
	"role_slug" TEXT,
	"roles" TEXT,
	"custom_attributes" TEXT,
	"raw_attributes" TEXT,
	"previous_attributes" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "directory_user_directory_id_idx" ON "directory_user" ("directory_id");
CREATE INDEX IF NOT EXISTS "directory_user_organization_id_idx" ON "directory_user" ("organization_id");
CREATE INDEX IF NOT EXISTS "directory_user_email_idx" ON "directory_user" ("email");

CREATE TABLE IF NOT EXISTS "directory_group" (
	"id" TEXT NOT NULL,
	"directory_id" TEXT,
	"organization_id" TEXT,
	"idp_id" TEXT,
	"name" TEXT,
	"raw_attributes" TEXT,
	"previous_attributes" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "directory_group_directory_id_idx" ON "directory_group" ("directory_id");
CREATE INDEX IF NOT EXISTS "directory_group_organization_id_idx" ON "directory_group" ("organization_id");

CREATE TABLE IF NOT EXISTS "directory_group_membership" (
	"group_id" TEXT NOT NULL,
	"user_id" TEXT NOT NULL,
	"directory_id" TEXT,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("group_id", "user_id")
);
CREATE INDEX IF NOT EXISTS "directory_group_membership_user_id_idx" ON "directory_group_membership" ("user_id");
CREATE INDEX IF NOT EXISTS "directory_group_membership_directory_id_idx" ON "directory_group_membership" ("directory_id");

CREATE TABLE IF NOT EXISTS "directory_token" (
	"id" TEXT NOT NULL,
	"directory_id" TEXT,
	"organization_id" TEXT,
	"token_suffix" TEXT,
	"created_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "directory_token_directory_id_idx" ON "directory_token" ("directory_id");
CREATE INDEX IF NOT EXISTS "directory_token_organization_id_idx" ON "directory_token" ("organization_id");

CREATE TABLE IF NOT EXISTS "group" (
	"id" TEXT NOT NULL,
	"organization_id" TEXT,
	"name" TEXT,
	"description" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "group_organization_id_idx" ON "group" ("organization_id");

CREATE TABLE IF NOT EXISTS "group_member" (
	"group_id" TEXT NOT NULL,
	"organization_membership_id" TEXT NOT NULL,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("group_id", "organization_membership_id")
);
CREATE INDEX IF NOT EXISTS "group_member_organization_membership_id_idx" ON "group_member" ("organization_membership_id");

CREATE TABLE IF NOT EXISTS "api_key" (
	"id" TEXT NOT NULL,
	"name" TEXT,
	"obfuscated_value" TEXT,
	"owner_type" TEXT,
	"owner_id" TEXT,
	"owner_organization_id" TEXT,
	"permissions" TEXT,
	"last_used_at" INTEGER,
	"expires_at" INTEGER,
	"previous_attributes" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "api_key_owner_id_idx" ON "api_key" ("owner_id");
CREATE INDEX IF NOT EXISTS "api_key_owner_organization_id_idx" ON "api_key" ("owner_organization_id");

CREATE TABLE IF NOT EXISTS "feature_flag" (
	"id" TEXT NOT NULL,
	"environment_id" TEXT,
	"slug" TEXT,
	"name" TEXT,
	"description" TEXT,
	"owner_email" TEXT,
	"owner_first_name" TEXT,
	"owner_last_name" TEXT,
	"tags" TEXT,
	"enabled" BOOLEAN,
	"default_value" BOOLEAN,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "feature_flag_slug_idx" ON "feature_flag" ("slug");

CREATE TABLE IF NOT EXISTS "waitlist_user" (
	"id" TEXT NOT NULL,
	"email" TEXT,
	"state" TEXT,
	"waitlist_id" TEXT,
	"approved_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"additional_fields" TEXT,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "waitlist_user_email_idx" ON "waitlist_user" ("email");

CREATE TABLE IF NOT EXISTS "connected_account" (
	"id" TEXT NOT NULL,
	"data_integration_id" TEXT,
	"provider_slug" TEXT,
	"user_id" TEXT,
	"organization_id" TEXT,
	"scopes" TEXT,
	"state" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"connection_role" TEXT,
	"account_identifier" TEXT,
	"account_display_name" TEXT,
	"auth_method" TEXT,
	"api_key_last_4" TEXT,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "connected_account_user_id_idx" ON "connected_account" ("user_id");
CREATE INDEX IF NOT EXISTS "connected_account_organization_id_idx" ON "connected_account" ("organization_id");

CREATE TABLE IF NOT EXISTS "connected_account_failure" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"data_integration_id" TEXT,
	"provider_slug" TEXT,
	"user_id" TEXT,
	"organization_id" TEXT,
	"error_code" TEXT,
	"error_reason" TEXT,
	"provider_error" TEXT,
	"provider_error_description" TEXT,
	"created_at" INTEGER,
	"account_identifier" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "connected_account_failure_user_id_idx" ON "connected_account_failure" ("user_id");
CREATE INDEX IF NOT EXISTS "connected_account_failure_organization_id_idx" ON "connected_account_failure" ("organization_id");

CREATE TABLE IF NOT EXISTS "magic_auth" (
	"id" TEXT NOT NULL,
	"user_id" TEXT,
	"email" TEXT,
	"expires_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "magic_auth_user_id_idx" ON "magic_auth" ("user_id");

CREATE TABLE IF NOT EXISTS "password_reset" (
	"id" TEXT NOT NULL,
	"user_id" TEXT,
	"email" TEXT,
	"expires_at" INTEGER,
	"created_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "password_reset_user_id_idx" ON "password_reset" ("user_id");

CREATE TABLE IF NOT EXISTS "email_verification" (
	"id" TEXT NOT NULL,
	"user_id" TEXT,
	"email" TEXT,
	"expires_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "email_verification_user_id_idx" ON "email_verification" ("user_id");

CREATE TABLE IF NOT EXISTS "agent_blueprint" (
	"id" TEXT NOT NULL,
	"name" TEXT,
	"description" TEXT,
	"permissions" TEXT,
	"invocable_by_role_slugs" TEXT,
	"invocable_by_organization_ids" TEXT,
	"session_settings_max_age_seconds" INTEGER,
	"session_settings_access_token_ttl_seconds" INTEGER,
	"session_settings_refresh_token_ttl_seconds" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "agent_instance" (
	"id" TEXT NOT NULL,
	"agent_blueprint_id" TEXT,
	"organization_id" TEXT,
	"organization_membership_id" TEXT,
	"type" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_instance_agent_blueprint_id_idx" ON "agent_instance" ("agent_blueprint_id");
CREATE INDEX IF NOT EXISTS "agent_instance_organization_id_idx" ON "agent_instance" ("organization_id");
CREATE INDEX IF NOT EXISTS "agent_instance_organization_membership_id_idx" ON "agent_instance" ("organization_membership_id");

CREATE TABLE IF NOT EXISTS "agent_instance_session" (
	"id" TEXT NOT NULL,
	"agent_instance_id" TEXT,
	"organization_id" TEXT,
	"permission_slugs" TEXT,
	"expires_at" INTEGER,
	"revoked_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_instance_session_agent_instance_id_idx" ON "agent_instance_session" ("agent_instance_id");
CREATE INDEX IF NOT EXISTS "agent_instance_session_organization_id_idx" ON "agent_instance_session" ("organization_id");

CREATE TABLE IF NOT EXISTS "agent_registration" (
	"id" TEXT NOT NULL,
	"agent_identity_id" TEXT,
	"agent_identity_userland_user_id" TEXT,
	"organization_id" TEXT,
	"status" TEXT,
	"kind" TEXT,
	"method" TEXT,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_registration_organization_id_idx" ON "agent_registration" ("organization_id");

CREATE TABLE IF NOT EXISTS "agent_registration_change" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"agent_registration_id" TEXT,
	"from_organization_id" TEXT,
	"to_organization_id" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "agent_registration_change_agent_registration_id_idx" ON "agent_registration_change" ("agent_registration_id");

CREATE TABLE IF NOT EXISTS "agent_registration_claim" (
	"id" TEXT NOT NULL,
	"agent_registration_id" TEXT,
	"completed_by_attempt_id" TEXT,
	"claimed_by_user_id" TEXT,
	"claimed_by_organization_id" TEXT,
	"completed_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_registration_claim_agent_registration_id_idx" ON "agent_registration_claim" ("agent_registration_id");

CREATE TABLE IF NOT EXISTS "agent_registration_claim_attempt" (
	"id" TEXT NOT NULL,
	"agent_registration_id" TEXT,
	"agent_registration_claim_id" TEXT,
	"login_hint" TEXT,
	"expires_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_registration_claim_attempt_agent_registration_id_idx" ON "agent_registration_claim_attempt" ("agent_registration_id");

CREATE TABLE IF NOT EXISTS "agent_registration_credential" (
	"id" TEXT NOT NULL,
	"agent_registration_id" TEXT,
	"detail_kind" TEXT,
	"detail_api_key_id" TEXT,
	"detail_jti" TEXT,
	"detail_expires_at" INTEGER,
	"created_at" INTEGER,
	"updated_at" INTEGER,
	"event_id" TEXT,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "agent_registration_credential_agent_registration_id_idx" ON "agent_registration_credential" ("agent_registration_id");

CREATE TABLE IF NOT EXISTS "authentication" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"type" TEXT,
	"status" TEXT,
	"user_id" TEXT,
	"email" TEXT,
	"ip_address" TEXT,
	"user_agent" TEXT,
	"error_code" TEXT,
	"error_message" TEXT,
	"sso_organization_id" TEXT,
	"sso_connection_id" TEXT,
	"sso_session_id" TEXT,
	"auth_method" TEXT,
	"action" TEXT,
	"control" TEXT,
	"blocklist_type" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "authentication_event_at_idx" ON "authentication" ("event_at");
CREATE INDEX IF NOT EXISTS "authentication_user_id_idx" ON "authentication" ("user_id");
CREATE INDEX IF NOT EXISTS "authentication_email_idx" ON "authentication" ("email");

CREATE TABLE IF NOT EXISTS "radar_challenge" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"type" TEXT,
	"radar_challenge_id" TEXT,
	"user_id" TEXT,
	"email" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "radar_challenge_user_id_idx" ON "radar_challenge" ("user_id");

CREATE TABLE IF NOT EXISTS "action" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"action_endpoint_id" TEXT,
	"action_execution_id" TEXT,
	"type" TEXT,
	"verdict" TEXT,
	"user_id" TEXT,
	"organization_id" TEXT,
	"email" TEXT,
	"ip_address" TEXT,
	"user_agent" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "action_user_id_idx" ON "action" ("user_id");
CREATE INDEX IF NOT EXISTS "action_email_idx" ON "action" ("email");

CREATE TABLE IF NOT EXISTS "vault" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"organization_id" TEXT,
	"key_provider" TEXT,
	"verified" BOOLEAN,
	"actor_id" TEXT,
	"actor_source" TEXT,
	"actor_name" TEXT,
	"kv_name" TEXT,
	"key_id" TEXT,
	"key_name" TEXT,
	"key_ids" TEXT,
	"key_context" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "vault_actor_id_idx" ON "vault" ("actor_id");
CREATE INDEX IF NOT EXISTS "vault_kv_name_idx" ON "vault" ("kv_name");

CREATE TABLE IF NOT EXISTS "resource_export" (
	"event_id" TEXT NOT NULL,
	"event_type" TEXT NOT NULL,
	"event_at" INTEGER NOT NULL DEFAULT 0,
	"id" TEXT,
	"resource_type" TEXT,
	PRIMARY KEY ("event_id")
);
CREATE INDEX IF NOT EXISTS "resource_export_id_idx" ON "resource_export" ("id");

CREATE VIEW IF NOT EXISTS "events" AS /* wos 2005 */ SELECT
	"event_id",
	"event_payload",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"processed_at"/1000.0,'unixepoch') AS "processed_at",
	"event_type"
FROM "events_cursor";

CREATE VIEW IF NOT EXISTS "deletions" AS /* wos 2005 */ SELECT
	"object",
	"id",
	"sub_id",
	"event_id",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at"
FROM "tombstone";

CREATE VIEW IF NOT EXISTS "users" AS /* wos 2013 */ SELECT
	"id",
	"email",
	"first_name",
	"last_name",
	"email_verified",
	"profile_picture_url",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at",
	"name",
	"external_id",
	"metadata",
	strftime('%Y-%m-%dT%H:%M:%fZ',"last_sign_in_at"/1000.0,'unixepoch') AS "last_sign_in_at",
	"locale"
FROM "user";

CREATE VIEW IF NOT EXISTS "organizations" AS /* wos 2008 */ SELECT
	"id",
	"name",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at",
	"domains",
	"metadata",
	"external_id",
	"stripe_customer_id"
FROM "organization";

CREATE VIEW IF NOT EXISTS "memberships" AS /* wos 2014 */ SELECT
	t."id",
	t."user_id",
	t."organization_id",
	t."role_slug",
	t."status",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."updated_at"/1000.0,'unixepoch') AS "updated_at",
	t."roles",
	t."custom_attributes",
	t."directory_managed",
	j10."email" AS "user_email",
	j10."first_name" AS "user_first_name",
	j10."last_name" AS "user_last_name",
	j13."name" AS "organization_name"
FROM "organization_membership" AS t
	LEFT JOIN "user" AS j10 ON j10."id" = t."user_id"
	LEFT JOIN "organization" AS j13 ON j13."id" = t."organization_id";

CREATE VIEW IF NOT EXISTS "organization_domains" AS /* wos 2009 */ SELECT
	"id",
	"organization_id",
	"domain",
	"state",
	"verification_prefix",
	"verification_token",
	"verification_strategy",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "organization_domain";

CREATE VIEW IF NOT EXISTS "organization_domain_failures" AS /* wos 2007 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"organization_domain_id",
	"organization_domain_organization_id",
	"organization_domain_domain",
	"reason"
FROM "organization_domain_failure";

CREATE VIEW IF NOT EXISTS "roles" AS /* wos 2005 */ SELECT
	"slug",
	"resource_type_slug",
	"permissions",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "role";

CREATE VIEW IF NOT EXISTS "organization_roles" AS /* wos 2008 */ SELECT
	"organization_id",
	"slug",
	"name",
	"description",
	"resource_type_slug",
	"permissions",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "organization_role";

CREATE VIEW IF NOT EXISTS "permissions" AS /* wos 2008 */ SELECT
	"id",
	"slug",
	"name",
	"description",
	"system",
	"resource_type_slug",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "permission";

CREATE VIEW IF NOT EXISTS "invitations" AS /* wos 2013 */ SELECT
	t."id",
	t."email",
	t."state",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."accepted_at"/1000.0,'unixepoch') AS "accepted_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."revoked_at"/1000.0,'unixepoch') AS "revoked_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."expires_at"/1000.0,'unixepoch') AS "expires_at",
	t."organization_id",
	t."inviter_user_id",
	t."accepted_user_id",
	t."role_slug",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."updated_at"/1000.0,'unixepoch') AS "updated_at",
	j12."name" AS "organization_name"
FROM "invitation" AS t
	LEFT JOIN "organization" AS j12 ON j12."id" = t."organization_id";

CREATE VIEW IF NOT EXISTS "sessions" AS /* wos 2014 */ SELECT
	t."id",
	t."user_id",
	t."organization_id",
	t."auth_method",
	t."status",
	t."ip_address",
	t."user_agent",
	t."impersonator_email",
	t."impersonator_reason",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."ended_at"/1000.0,'unixepoch') AS "ended_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."updated_at"/1000.0,'unixepoch') AS "updated_at",
	j13."email" AS "user_email"
FROM "session" AS t
	LEFT JOIN "user" AS j13 ON j13."id" = t."user_id";

CREATE VIEW IF NOT EXISTS "connections" AS /* wos 2011 */ SELECT
	t."id",
	t."organization_id",
	t."connection_type",
	t."name",
	t."state",
	t."status",
	t."external_key",
	t."domains",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."updated_at"/1000.0,'unixepoch') AS "updated_at",
	j10."name" AS "organization_name"
FROM "connection" AS t
	LEFT JOIN "organization" AS j10 ON j10."id" = t."organization_id";

CREATE VIEW IF NOT EXISTS "connection_certificates" AS /* wos 2010 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"connection_id",
	"connection_organization_id",
	"certificate_certificate_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"certificate_expiry_date"/1000.0,'unixepoch') AS "certificate_expiry_date",
	"certificate_is_expired",
	"days_until_expiry",
	strftime('%Y-%m-%dT%H:%M:%fZ',"renewed_at"/1000.0,'unixepoch') AS "renewed_at"
FROM "connection_certificate";

CREATE VIEW IF NOT EXISTS "directories" AS /* wos 2010 */ SELECT
	t."id",
	t."organization_id",
	t."type",
	t."name",
	t."state",
	t."external_key",
	t."domains",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',t."updated_at"/1000.0,'unixepoch') AS "updated_at",
	j9."name" AS "organization_name"
FROM "directory" AS t
	LEFT JOIN "organization" AS j9 ON j9."id" = t."organization_id";

CREATE VIEW IF NOT EXISTS "directory_users" AS /* wos 2019 */ SELECT
	"id",
	"directory_id",
	"organization_id",
	"idp_id",
	"email",
	"first_name",
	"last_name",
	"name",
	"emails",
	"job_title",
	"username",
	"state",
	"role_slug",
	"roles",
	"custom_attributes",
	"raw_attributes",
	"previous_attributes",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "directory_user";

CREATE VIEW IF NOT EXISTS "directory_groups" AS /* wos 2009 */ SELECT
	"id",
	"directory_id",
	"organization_id",
	"idp_id",
	"name",
	"raw_attributes",
	"previous_attributes",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "directory_group";

CREATE VIEW IF NOT EXISTS "directory_group_memberships" AS /* wos 2005 */ SELECT
	t."group_id",
	t."user_id",
	t."directory_id",
	j3."name" AS "group_name",
	j4."email" AS "user_email"
FROM "directory_group_membership" AS t
	LEFT JOIN "directory_group" AS j3 ON j3."id" = t."group_id"
	LEFT JOIN "directory_user" AS j4 ON j4."id" = t."user_id";

CREATE VIEW IF NOT EXISTS "directory_tokens" AS /* wos 2005 */ SELECT
	"id",
	"directory_id",
	"organization_id",
	"token_suffix",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at"
FROM "directory_token";

CREATE VIEW IF NOT EXISTS "groups" AS /* wos 2006 */ SELECT
	"id",
	"organization_id",
	"name",
	"description",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "group";

CREATE VIEW IF NOT EXISTS "group_members" AS /* wos 2003 */ SELECT
	t."group_id",
	t."organization_membership_id",
	j2."name" AS "group_name"
FROM "group_member" AS t
	LEFT JOIN "group" AS j2 ON j2."id" = t."group_id";

CREATE VIEW IF NOT EXISTS "api_keys" AS /* wos 2012 */ SELECT
	"id",
	"name",
	"obfuscated_value",
	"owner_type",
	"owner_id",
	"owner_organization_id",
	"permissions",
	strftime('%Y-%m-%dT%H:%M:%fZ',"last_used_at"/1000.0,'unixepoch') AS "last_used_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	"previous_attributes",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "api_key";

CREATE VIEW IF NOT EXISTS "feature_flags" AS /* wos 2013 */ SELECT
	"id",
	"environment_id",
	"slug",
	"name",
	"description",
	"owner_email",
	"owner_first_name",
	"owner_last_name",
	"tags",
	"enabled",
	"default_value",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "feature_flag";

CREATE VIEW IF NOT EXISTS "waitlist_users" AS /* wos 2008 */ SELECT
	"id",
	"email",
	"state",
	"waitlist_id",
	strftime('%Y-%m-%dT%H:%M:%fZ',"approved_at"/1000.0,'unixepoch') AS "approved_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at",
	"additional_fields"
FROM "waitlist_user";

CREATE VIEW IF NOT EXISTS "connected_accounts" AS /* wos 2014 */ SELECT
	"id",
	"data_integration_id",
	"provider_slug",
	"user_id",
	"organization_id",
	"scopes",
	"state",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at",
	"connection_role",
	"account_identifier",
	"account_display_name",
	"auth_method",
	"api_key_last_4"
FROM "connected_account";

CREATE VIEW IF NOT EXISTS "connected_account_failures" AS /* wos 2013 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"data_integration_id",
	"provider_slug",
	"user_id",
	"organization_id",
	"error_code",
	"error_reason",
	"provider_error",
	"provider_error_description",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	"account_identifier"
FROM "connected_account_failure";

CREATE VIEW IF NOT EXISTS "magic_auths" AS /* wos 2006 */ SELECT
	"id",
	"user_id",
	"email",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "magic_auth";

CREATE VIEW IF NOT EXISTS "password_resets" AS /* wos 2005 */ SELECT
	"id",
	"user_id",
	"email",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at"
FROM "password_reset";

CREATE VIEW IF NOT EXISTS "email_verifications" AS /* wos 2006 */ SELECT
	"id",
	"user_id",
	"email",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "email_verification";

CREATE VIEW IF NOT EXISTS "agent_blueprints" AS /* wos 2011 */ SELECT
	"id",
	"name",
	"description",
	"permissions",
	"invocable_by_role_slugs",
	"invocable_by_organization_ids",
	"session_settings_max_age_seconds",
	"session_settings_access_token_ttl_seconds",
	"session_settings_refresh_token_ttl_seconds",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_blueprint";

CREATE VIEW IF NOT EXISTS "agent_instances" AS /* wos 2007 */ SELECT
	"id",
	"agent_blueprint_id",
	"organization_id",
	"organization_membership_id",
	"type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_instance";

CREATE VIEW IF NOT EXISTS "agent_instance_sessions" AS /* wos 2008 */ SELECT
	"id",
	"agent_instance_id",
	"organization_id",
	"permission_slugs",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"revoked_at"/1000.0,'unixepoch') AS "revoked_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_instance_session";

CREATE VIEW IF NOT EXISTS "agent_registrations" AS /* wos 2009 */ SELECT
	"id",
	"agent_identity_id",
	"agent_identity_userland_user_id",
	"organization_id",
	"status",
	"kind",
	"method",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_registration";

CREATE VIEW IF NOT EXISTS "agent_registration_changes" AS /* wos 2006 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"agent_registration_id",
	"from_organization_id",
	"to_organization_id"
FROM "agent_registration_change";

CREATE VIEW IF NOT EXISTS "agent_registration_claims" AS /* wos 2008 */ SELECT
	"id",
	"agent_registration_id",
	"completed_by_attempt_id",
	"claimed_by_user_id",
	"claimed_by_organization_id",
	strftime('%Y-%m-%dT%H:%M:%fZ',"completed_at"/1000.0,'unixepoch') AS "completed_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_registration_claim";

CREATE VIEW IF NOT EXISTS "agent_registration_claim_attempts" AS /* wos 2007 */ SELECT
	"id",
	"agent_registration_id",
	"agent_registration_claim_id",
	"login_hint",
	strftime('%Y-%m-%dT%H:%M:%fZ',"expires_at"/1000.0,'unixepoch') AS "expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_registration_claim_attempt";

CREATE VIEW IF NOT EXISTS "agent_registration_credentials" AS /* wos 2008 */ SELECT
	"id",
	"agent_registration_id",
	"detail_kind",
	"detail_api_key_id",
	"detail_jti",
	strftime('%Y-%m-%dT%H:%M:%fZ',"detail_expires_at"/1000.0,'unixepoch') AS "detail_expires_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"created_at"/1000.0,'unixepoch') AS "created_at",
	strftime('%Y-%m-%dT%H:%M:%fZ',"updated_at"/1000.0,'unixepoch') AS "updated_at"
FROM "agent_registration_credential";

CREATE VIEW IF NOT EXISTS "sign_ins" AS /* wos 2018 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"type",
	"status",
	"user_id",
	"email",
	"ip_address",
	"user_agent",
	"error_code",
	"error_message",
	"sso_organization_id",
	"sso_connection_id",
	"sso_session_id",
	"auth_method",
	"action",
	"control",
	"blocklist_type"
FROM "authentication";

CREATE VIEW IF NOT EXISTS "radar_challenges" AS /* wos 2007 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"type",
	"radar_challenge_id",
	"user_id",
	"email"
FROM "radar_challenge";

CREATE VIEW IF NOT EXISTS "actions" AS /* wos 2012 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"action_endpoint_id",
	"action_execution_id",
	"type",
	"verdict",
	"user_id",
	"organization_id",
	"email",
	"ip_address",
	"user_agent"
FROM "action";

CREATE VIEW IF NOT EXISTS "vault_events" AS /* wos 2014 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"organization_id",
	"key_provider",
	"verified",
	"actor_id",
	"actor_source",
	"actor_name",
	"kv_name",
	"key_id",
	"key_name",
	"key_ids",
	"key_context"
FROM "vault";

CREATE VIEW IF NOT EXISTS "resource_exports" AS /* wos 2005 */ SELECT
	"event_id",
	"event_type",
	strftime('%Y-%m-%dT%H:%M:%fZ',"event_at"/1000.0,'unixepoch') AS "event_at",
	"id",
	"resource_type"
FROM "resource_export";
