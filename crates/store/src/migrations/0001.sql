-- Written for PostgreSQL. For SQLite, BYTEA reads BLOB, BIGINT reads INTEGER, and what stands in comments that
-- open with `sqlite` counts. Never changed once released: a change is the next file.

CREATE TABLE register_row (
    engagement TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (engagement, kind, id, version)
) /*sqlite STRICT*/;

CREATE TABLE session (
    engagement TEXT NOT NULL,
    session BYTEA NOT NULL,
    owner BYTEA NOT NULL,
    key_epoch BIGINT NOT NULL,
    sealed_key BYTEA NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (engagement, session)
) /*sqlite STRICT, WITHOUT ROWID*/;

CREATE INDEX session_used ON session (used);
CREATE INDEX session_created ON session (created);

CREATE TABLE session_mapping (
    engagement TEXT NOT NULL,
    session BYTEA NOT NULL,
    position BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (engagement, session, position),
    FOREIGN KEY (engagement, session) REFERENCES session (engagement, session) ON DELETE CASCADE
) /*sqlite STRICT, WITHOUT ROWID*/;

-- `chain` and `session` lead, not `engagement`: of two indexes that lead with it SQLite may take the one that walks
-- the whole engagement. Every statement names the engagement all the same.
CREATE TABLE session_point (
    engagement TEXT NOT NULL,
    chain BYTEA NOT NULL,
    session BYTEA NOT NULL,
    mappings BIGINT NOT NULL,
    PRIMARY KEY (chain, engagement),
    FOREIGN KEY (engagement, session) REFERENCES session (engagement, session) ON DELETE CASCADE
) /*sqlite STRICT, WITHOUT ROWID*/;

CREATE INDEX session_point_session ON session_point (session, engagement);
