-- A database of schema version 1 with a row of each kind, as it was when that version was made. `{…}` differs by
-- database and is filled in by the test.
CREATE TABLE schema_version (version {number} NOT NULL PRIMARY KEY);
INSERT INTO schema_version (version) VALUES (1);
CREATE TABLE register_row (
    engagement TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, version {number} NOT NULL,
    valid_from {number} NOT NULL, valid_to {number}, author TEXT NOT NULL, reason TEXT NOT NULL,
    ended {number} NOT NULL, body TEXT NOT NULL, PRIMARY KEY (engagement, kind, id, version)
);
CREATE TABLE session (
    engagement TEXT NOT NULL, session {bytes} NOT NULL, owner {bytes} NOT NULL, key_epoch {number} NOT NULL,
    sealed_key {bytes} NOT NULL, created {number} NOT NULL, used {number} NOT NULL, PRIMARY KEY (engagement, session)
);
CREATE INDEX session_used ON session (used);
CREATE INDEX session_created ON session (created);
CREATE TABLE session_mapping (
    engagement TEXT NOT NULL, session {bytes} NOT NULL, position {number} NOT NULL, sealed {bytes} NOT NULL,
    PRIMARY KEY (engagement, session, position),
    FOREIGN KEY (engagement, session) REFERENCES session (engagement, session) ON DELETE CASCADE
);
CREATE TABLE session_point (
    engagement TEXT NOT NULL, chain {bytes} NOT NULL, session {bytes} NOT NULL, mappings {number} NOT NULL,
    PRIMARY KEY (chain, engagement),
    FOREIGN KEY (engagement, session) REFERENCES session (engagement, session) ON DELETE CASCADE
);
CREATE INDEX session_point_session ON session_point (session, engagement);
INSERT INTO register_row VALUES ('west', 'vendor', 'acme', 1, 1000, 2000, 'officer', 'first', 0, '{"a":1}');
INSERT INTO register_row VALUES ('west', 'vendor', 'acme', 2, 2000, NULL, 'officer', 'second', 1, '{"a":2}');
INSERT INTO session VALUES ('west', {16 of 1}, {32 of 2}, 3, {32 of 4}, 10, 20);
INSERT INTO session_mapping VALUES ('west', {16 of 1}, 0, {32 of 5});
INSERT INTO session_point VALUES ('west', {32 of 6}, {16 of 1}, 1);
