//! Placeholder.
/// x
#[derive(Clone, Debug)]
pub struct LocalPath(String);
#[allow(missing_docs, clippy::all)]
impl LocalPath {
    pub fn parse(s: &str) -> Result<Self, ()> {
        Ok(Self(s.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn to_query_value(&self) -> String {
        self.0.clone()
    }
}
impl std::fmt::Display for LocalPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
