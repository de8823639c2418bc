//! JSON Web Tokens: bearer tokens, issuing, refresh families, one-time tokens, the keys of other issuers.

mod bearer_jwt;
mod claim_groups;
mod dpop;
mod jwks;
mod jwks_tls_and_address_filter;
mod jwt_claims;
mod jwt_header;
mod jwt_issue;
mod jwt_keys;
mod mutual_tls;
mod opaque_tokens;
mod protected_resource;
#[path = "../support/redis_server.rs"]
mod redis_server;
mod refresh_tokens;
#[expect(dead_code, reason = "no test of tokens uses PostgreSQL")]
#[path = "../support/services.rs"]
mod services;
mod single_use_tokens;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/tls.rs"]
mod tls;
#[path = "../support/tokens.rs"]
mod tokens;
mod websocket_protocol;
