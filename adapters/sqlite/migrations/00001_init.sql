-- +goose Up

-- The epoch is read in each transaction that writes. A migration that a process of before must
-- not write beside raises it.
CREATE TABLE helpdesk_epoch (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL
) STRICT;
INSERT INTO helpdesk_epoch VALUES (1, 1);

-- Records. Instants are nanoseconds since 1970, and bools are 0 and 1. An attribute with many
-- values is a JSON array, whose values are in helpdesk_value too. The body comes last, so that
-- looking at the other columns does not read it.
CREATE TABLE helpdesk_conversation (
  rec          INTEGER PRIMARY KEY,
  tenant       TEXT NOT NULL,
  id           TEXT NOT NULL,
  rev          INTEGER NOT NULL,
  expires      INTEGER,
  conversation TEXT,
  list         TEXT,
  channel      TEXT,
  customer     TEXT,
  account      TEXT,
  holder       TEXT,
  tag          TEXT,
  unread       TEXT,
  kind         TEXT,
  open         INTEGER,
  created      INTEGER,
  updated      INTEGER,
  due          INTEGER,
  archived     INTEGER,
  purge        INTEGER,
  last_in      INTEGER,
  breached     INTEGER,
  body         BLOB
) STRICT;
CREATE UNIQUE INDEX helpdesk_conversation_id ON helpdesk_conversation (tenant, id);
CREATE INDEX helpdesk_conversation_updated ON helpdesk_conversation (tenant, list, updated, id);
CREATE INDEX helpdesk_conversation_due ON helpdesk_conversation (tenant, list, due, id) WHERE due IS NOT NULL;
CREATE INDEX helpdesk_conversation_created ON helpdesk_conversation (tenant, created, id) WHERE created IS NOT NULL;
CREATE INDEX helpdesk_conversation_purge ON helpdesk_conversation (tenant, purge, id) WHERE purge IS NOT NULL;
CREATE INDEX helpdesk_conversation_conversation ON helpdesk_conversation (tenant, conversation) WHERE conversation IS NOT NULL;
CREATE INDEX helpdesk_conversation_customer ON helpdesk_conversation (tenant, customer, list);
CREATE INDEX helpdesk_conversation_holder ON helpdesk_conversation (tenant, holder, list);
CREATE INDEX helpdesk_conversation_channel ON helpdesk_conversation (tenant, channel, list);
CREATE INDEX helpdesk_conversation_account ON helpdesk_conversation (tenant, account, list) WHERE account IS NOT NULL;
CREATE INDEX helpdesk_conversation_open ON helpdesk_conversation (tenant) WHERE open = 1;
CREATE INDEX helpdesk_conversation_expires ON helpdesk_conversation (expires) WHERE expires IS NOT NULL;

CREATE TABLE helpdesk_ticket (
  rec          INTEGER PRIMARY KEY,
  tenant       TEXT NOT NULL,
  id           TEXT NOT NULL,
  rev          INTEGER NOT NULL,
  expires      INTEGER,
  conversation TEXT,
  reference    TEXT,
  lifecycle    TEXT,
  status       TEXT,
  category     TEXT,
  open         INTEGER,
  severity     TEXT,
  assignee     TEXT,
  customer     TEXT,
  account      TEXT,
  channel      TEXT,
  partner      TEXT,
  label        TEXT,
  title        TEXT,
  policy       TEXT,
  first_reply  INTEGER,
  created      INTEGER,
  updated      INTEGER,
  resolved     INTEGER,
  due          INTEGER,
  purge        INTEGER,
  breached     INTEGER,
  merged_into  TEXT,
  follow_up_of TEXT,
  body         BLOB
) STRICT;
CREATE UNIQUE INDEX helpdesk_ticket_id ON helpdesk_ticket (tenant, id);
CREATE INDEX helpdesk_ticket_updated ON helpdesk_ticket (tenant, open, updated, id);
CREATE INDEX helpdesk_ticket_due ON helpdesk_ticket (tenant, open, due, id) WHERE due IS NOT NULL;
CREATE INDEX helpdesk_ticket_created ON helpdesk_ticket (tenant, created, id) WHERE created IS NOT NULL;
CREATE INDEX helpdesk_ticket_purge ON helpdesk_ticket (tenant, purge, id) WHERE purge IS NOT NULL;
CREATE INDEX helpdesk_ticket_conversation ON helpdesk_ticket (tenant, conversation, open);
CREATE INDEX helpdesk_ticket_assignee ON helpdesk_ticket (tenant, assignee, open);
CREATE INDEX helpdesk_ticket_customer ON helpdesk_ticket (tenant, customer, open);
CREATE INDEX helpdesk_ticket_account ON helpdesk_ticket (tenant, account, open);
CREATE INDEX helpdesk_ticket_status ON helpdesk_ticket (tenant, status, open);
CREATE INDEX helpdesk_ticket_reference ON helpdesk_ticket (tenant, reference) WHERE reference IS NOT NULL;
CREATE INDEX helpdesk_ticket_partner ON helpdesk_ticket (tenant, partner, open) WHERE partner IS NOT NULL;
CREATE INDEX helpdesk_ticket_merged_into ON helpdesk_ticket (tenant, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX helpdesk_ticket_follow_up_of ON helpdesk_ticket (tenant, follow_up_of) WHERE follow_up_of IS NOT NULL;
CREATE INDEX helpdesk_ticket_expires ON helpdesk_ticket (expires) WHERE expires IS NOT NULL;

-- Records of all other kinds.
CREATE TABLE helpdesk_record (
  rec          INTEGER PRIMARY KEY,
  tenant       TEXT NOT NULL,
  kind         TEXT NOT NULL,
  id           TEXT NOT NULL,
  rev          INTEGER NOT NULL,
  expires      INTEGER,
  conversation TEXT,
  blob         TEXT,
  body         BLOB
) STRICT;
CREATE UNIQUE INDEX helpdesk_record_id ON helpdesk_record (tenant, kind, id);
CREATE INDEX helpdesk_record_conversation ON helpdesk_record (tenant, kind, conversation) WHERE conversation IS NOT NULL;
CREATE INDEX helpdesk_record_blob ON helpdesk_record (tenant, kind, blob) WHERE blob IS NOT NULL;
CREATE INDEX helpdesk_record_expires ON helpdesk_record (expires) WHERE expires IS NOT NULL;

-- The values of attributes with many. Scope is the attribute that most lists ask for: the list
-- of a conversation, and whether a ticket is open.
CREATE TABLE helpdesk_value (
  tenant TEXT NOT NULL,
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL,
  value  TEXT NOT NULL,
  scope  TEXT NOT NULL,
  rec    INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, name, value, scope, rec)
) STRICT, WITHOUT ROWID;

-- Entries, in the order in which they came: those of one commit share a page. The names of a
-- record stand together whatever their log, as those of one commit most likely sort together.
CREATE TABLE helpdesk_entry (
  tenant TEXT NOT NULL,
  kind   TEXT NOT NULL,
  id     TEXT NOT NULL,
  log    TEXT NOT NULL,
  n      INTEGER NOT NULL,
  name   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  body   BLOB,
  PRIMARY KEY (tenant, kind, id, log, n)
) STRICT;
CREATE UNIQUE INDEX helpdesk_entry_name ON helpdesk_entry (tenant, id, name, kind, log);

CREATE TABLE helpdesk_timer (
  tenant    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  id        TEXT NOT NULL,
  name      TEXT NOT NULL,
  at        INTEGER NOT NULL,
  due       INTEGER NOT NULL,
  handed    INTEGER NOT NULL,
  attempts  INTEGER NOT NULL,
  first_try INTEGER,
  receipt   INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX helpdesk_timer_due ON helpdesk_timer (tenant, due);

-- Messages, and the keys of those of before, in the order in which they came. State is 0 for a
-- message that waits, 1 for one that was given up, and 2 for one that was sent or withdrawn,
-- of which only the key counts. Due is not null for the first waiting one of each lane, a lane
-- being a record and a topic. A space sorts before all that can be in the name of a tenant.
CREATE TABLE helpdesk_message (
  seq       INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  key       TEXT NOT NULL,
  kind      TEXT NOT NULL,
  id        TEXT NOT NULL,
  topic     TEXT NOT NULL,
  dest      TEXT NOT NULL GENERATED ALWAYS AS (tenant || ' ' || topic) VIRTUAL,
  state     INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  due       INTEGER,
  handed    INTEGER NOT NULL,
  attempts  INTEGER NOT NULL,
  first_try INTEGER,
  receipt   INTEGER NOT NULL,
  reason    TEXT,
  body      BLOB
) STRICT;
CREATE UNIQUE INDEX helpdesk_message_key ON helpdesk_message (tenant, key);
CREATE INDEX helpdesk_message_lane ON helpdesk_message (tenant, kind, id, state, topic);
CREATE INDEX helpdesk_message_due ON helpdesk_message (dest, due) WHERE state = 0;
CREATE INDEX helpdesk_message_parked ON helpdesk_message (tenant) WHERE state = 1;
CREATE INDEX helpdesk_message_given_up ON helpdesk_message (dest) WHERE state = 1;

CREATE TABLE helpdesk_result (
  tenant      TEXT NOT NULL,
  name        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  kind        TEXT NOT NULL,
  id          TEXT NOT NULL,
  expires     INTEGER,
  body        BLOB,
  PRIMARY KEY (tenant, name)
) STRICT;
CREATE INDEX helpdesk_result_of ON helpdesk_result (tenant, kind, id);
CREATE INDEX helpdesk_result_expires ON helpdesk_result (expires) WHERE expires IS NOT NULL;
