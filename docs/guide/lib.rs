//! Compiles the code blocks of the guide: `cargo test -p guide --all-features --doc` tests each page of the
//! book.
//!
//! `.ci/guide` builds the book.

/// Makes the text of each page documentation of a type, so that its code blocks are doctests.
macro_rules! pages {
    ($($name:ident $file:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("src/", $file))]
            struct $name;
        )*

        /// The pages whose code blocks are compiled.
        #[cfg(test)]
        const PAGES: &[&str] = &[$($file),*];
    };
}

pages! {
    Introduction "introduction.md",
    FirstGuard "first-guard.md",
    ThinkingInRules "thinking-in-rules.md",
    SessionsOrTokens "sessions-or-tokens.md",
    Passwords "passwords.md",
    Providers "providers.md",
    ObjectsAndLists "objects-and-lists.md",
    Testing "testing.md",
    Newsroom "newsroom.md",
    Operating "operating.md",
    Hardening "hardening.md",
    Performance "performance.md",
    CustomPolicies "custom-policies.md",
    BeforeYouMove "moving/index.md",
    AxumLogin "moving/axum-login.md",
    AxumGrants "moving/axum-grants.md",
    TowerSessions "moving/tower-sessions.md",
    Jsonwebtoken "moving/jsonwebtoken.md",
    AiohttpSecurity "moving/aiohttp-security.md",
    AiohttpAuth "moving/aiohttp-auth.md",
    SpringSecurity "moving/spring-security.md",
    AspNetCore "moving/aspnet-core.md",
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use crate::PAGES;

    /// The pages that `SUMMARY.md` links, in the order of the book.
    fn pages_of_the_book() -> Vec<String> {
        let summary = fs::read_to_string(source("SUMMARY.md")).unwrap();
        let links = summary.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        links.map(|(page, _)| page.to_owned()).collect()
    }

    fn source(page: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(page)
    }

    #[test]
    fn every_page_of_the_book_is_compiled() {
        let pages = pages_of_the_book();
        // Their blocks belong to the UI tests, or they have none.
        let texts = ["compile-errors.md", "words.md"];
        let compiled: Vec<&str> =
            pages.iter().map(String::as_str).filter(|page| !texts.contains(page)).collect();
        assert_eq!(compiled, PAGES, "`pages!` lists the pages of SUMMARY.md in their order");
    }

    /// `ignore` would let a block rot, and a block without a language is compiled as Rust.
    #[test]
    fn every_block_of_rust_is_a_test() {
        for page in PAGES {
            let text = fs::read_to_string(source(page)).unwrap();
            let fences = text.lines().filter_map(|line| line.strip_prefix("```"));
            for language in fences.step_by(2) {
                assert!(!language.is_empty(), "{page}: a block has no language");
                assert!(!language.contains("ignore"), "{page}: a block is not compiled: {language}");
            }
        }
    }
}
