-- +goose Up

-- What is numbered (revisions, places in queues, receipts) takes its numbers from
-- here: none is used twice, whatever was deleted.
CREATE TABLE counter (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES (1, 0);

-- Fields is what is in table field of the record: names and values, each ended by
-- a NUL. Timers says whether there may be any. Instants are nanoseconds since 1970.
CREATE TABLE record (
  tenant   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  rev      INTEGER NOT NULL,
  sort     TEXT NOT NULL,
  fields   TEXT NOT NULL,
  timers   INTEGER NOT NULL,
  purge_at INTEGER,
  body     BLOB
) STRICT;
CREATE UNIQUE INDEX record_id ON record (tenant, kind, id);
CREATE INDEX record_sort ON record (tenant, kind, sort, id);
CREATE INDEX record_purge ON record (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE field (
  tenant TEXT NOT NULL,
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL,
  value  TEXT NOT NULL,
  sort   TEXT NOT NULL,
  id     TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, name, value, sort, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (
  seq     INTEGER PRIMARY KEY,
  tenant  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  id      TEXT NOT NULL,
  name    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  due     INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  receipt INTEGER NOT NULL
) STRICT;
CREATE INDEX timer_of ON timer (tenant, kind, id);
CREATE INDEX timer_due ON timer (due, seq);

CREATE TABLE event (
  tenant TEXT NOT NULL,
  kind   TEXT NOT NULL,
  id     TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  name   TEXT NOT NULL,
  type   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  body   BLOB,
  PRIMARY KEY (tenant, kind, id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_name ON event (tenant, kind, id, name);

-- Every key of a message that was ever put into the outbox, until it is erased.
CREATE TABLE used (
  tenant TEXT NOT NULL,
  key    TEXT NOT NULL,
  kind   TEXT NOT NULL,
  id     TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_of ON used (tenant, kind, id);

-- Messages that wait or are parked. Due is not null for the first waiting one of
-- each lane, a lane being a record and a topic.
CREATE TABLE message (
  seq     INTEGER PRIMARY KEY,
  tenant  TEXT NOT NULL,
  key     TEXT NOT NULL,
  kind    TEXT NOT NULL,
  id      TEXT NOT NULL,
  topic   TEXT NOT NULL,
  dest    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  due     INTEGER,
  parked  INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  receipt INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  body    BLOB
) STRICT;
CREATE UNIQUE INDEX message_key ON message (tenant, key);
CREATE INDEX message_lane ON message (tenant, kind, id, topic, parked, seq);
CREATE INDEX message_due ON message (due, seq) WHERE due IS NOT NULL;
CREATE INDEX message_parked ON message (tenant, parked, seq);

CREATE TABLE result (
  tenant      TEXT NOT NULL,
  name        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  kind        TEXT NOT NULL,
  id          TEXT NOT NULL,
  purge_at    INTEGER,
  body        BLOB,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_of ON result (tenant, kind, id);
CREATE INDEX result_purge ON result (purge_at) WHERE purge_at IS NOT NULL;
