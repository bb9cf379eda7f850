-- What was used of each budget in its running window.
CREATE TABLE budget_use (
    engagement   TEXT NOT NULL,
    budget       TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    requests     BIGINT NOT NULL,
    tokens       BIGINT NOT NULL,
    cost         BIGINT NOT NULL,
    PRIMARY KEY (engagement, budget)
) /*sqlite STRICT*/;
