//! Rules and what decides by them: evaluation, explanations, shadows, mutations, counted hits and the access table.

mod access_mermaid;
#[cfg(feature = "full")]
mod access_openapi;
#[cfg(feature = "full")]
mod access_reports;
mod access_table;
mod access_verify;
mod acl_diff;
mod acl_index;
mod evaluator;
mod evaluator_model;
mod explanations;
mod least_scopes;
mod overlay_in_the_table;
mod overlay_proof;
#[cfg(feature = "full")]
mod rule_hits;
mod rule_labels;
mod shadow_acls;
#[path = "../support/mod.rs"]
mod support;
mod unnoticed_mutations;
