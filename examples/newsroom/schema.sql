-- The tables, for SQLite and PostgreSQL alike: times are seconds since 1970, ids are text.
-- Sessions and identities of providers have tables of their own, which the library creates.

CREATE TABLE IF NOT EXISTS people (
    id TEXT PRIMARY KEY,
    -- in lower case
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Argon2id; none for a person who logs in through a provider only
    password TEXT,
    -- counts changes of password and address: a one-time link is good for the number it was made with
    revision BIGINT NOT NULL,
    created BIGINT NOT NULL,
    blocked BIGINT
);

CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- draft, review or published
    stage TEXT NOT NULL,
    -- when a published article may be read by everyone
    publish_at BIGINT,
    changed BIGINT NOT NULL,
    -- counts changes of the text, so that two people do not overwrite each other's
    revision BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS co_authors (
    article TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (article, person)
);

CREATE TABLE IF NOT EXISTS comments (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    written BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS comments_of_article ON comments (article, written);

-- Exports and imports, with their progress.
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    -- export or import
    kind TEXT NOT NULL,
    -- running, done or failed
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    -- the file of an export, or a sentence
    result TEXT NOT NULL,
    begun BIGINT NOT NULL
);

-- The root key of one-time links and log-ins that are under way, where the environment has none.
CREATE TABLE IF NOT EXISTS root_keys (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Keys of people for the JSON API.
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the id and the secret, in base64
    hash TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    -- separated by spaces
    scopes TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    last_used BIGINT,
    revoked BIGINT
);

CREATE INDEX IF NOT EXISTS api_keys_of_owner ON api_keys (owner);
