#![no_implicit_prelude]
#![allow(non_camel_case_types, dead_code, unused_macros, reason = "the worst neighbourhood there is")]

macro_rules! file {
    () => {
        7
    };
}
macro_rules! line {
    () => {
        "seven"
    };
}
macro_rules! panic {
    () => {};
}

mod core {}
mod std {}
mod auth_runtime {}
struct Result;
struct Option;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
struct Spec;
struct Acl;
struct Rule;
struct Name;
struct Action;
struct Principal;
struct Permissions;
struct Branch;
struct Both;
struct i128;
struct usize;
struct str;
struct bool;
struct u32;
trait Send {}
trait Sized {}
trait Copy {}
trait IntoResponse {}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::auth_runtime::Permission)]
enum Can {
    View,
    Edit,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::auth_runtime::Group)]
enum Role {
    Editors,
}

const CONTEXT: ::auth_runtime::Acl = ::auth_runtime::acl![
    (Allow, Everyone, ["read", Can::View]),
    (Deny, User("mallory"), [7]),
    (Allow, Group(Role::Editors), ALL),
];

fn refusal(_: &::auth_runtime::Refusal) -> ::axum::http::StatusCode {
    ::axum::http::StatusCode::IM_A_TEAPOT
}

#[::auth_runtime::acl_required(any("read", all(Can::View, 7)), CONTEXT, hide, refusal = refusal)]
#[::auth_runtime::auth_required(refusal = refusal)]
#[::auth_runtime::permission_required(any(Can::Edit, Can::View), refusal = refusal)]
#[::auth_runtime::scope_required("view", any("edit", "read"), fresh = "10m", refusal = refusal)]
pub async fn handler(_: ::axum::http::HeaderMap) {}

#[::auth_runtime::allow_anonymous]
pub async fn public() {}

pub(crate) fn main() {
    let _ = ::axum::routing::get::<_, _, ()>(handler);
    let _ = ::axum::routing::get::<_, _, ()>(public);
}
