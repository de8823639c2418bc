//! Formats the findings as SARIF, which tools show next to the source.

use serde::Serialize;

use super::{AccessTable, Day, Finding, FindingKind, table_as_json::written};

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
struct Run<'a> {
    tool: Tool,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<ReportingDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Text<'static>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation<'a> {
    uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

impl AccessTable {
    /// Formats the [findings](Self::findings) as SARIF 2.1.0, which code hosts and editors show next to the
    /// source.
    #[must_use]
    pub fn to_sarif(&self, today: Day) -> String {
        let findings = self.findings(today);
        written(&Log {
            version: "2.1.0",
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "auth-runtime",
                        version: env!("CARGO_PKG_VERSION"),
                        rules: FindingKind::ALL.map(descriptor).into(),
                    },
                },
                results: findings.iter().map(result).collect(),
            }],
        })
    }
}

const fn descriptor(kind: FindingKind) -> ReportingDescriptor {
    ReportingDescriptor { id: kind.id(), short_description: Text { text: kind.meaning() } }
}

fn result(finding: &Finding) -> SarifResult<'_> {
    SarifResult {
        rule_id: finding.kind().id(),
        level: match finding.kind() {
            FindingKind::ExpiredReason | FindingKind::ExpiredRule | FindingKind::MissingPathParameter => {
                "error"
            }
            FindingKind::MissingReason | FindingKind::NeedlessGuard | FindingKind::UnreachableRoute => {
                "warning"
            }
            FindingKind::RedundantRule
            | FindingKind::ShadowDifference
            | FindingKind::UnusedGroup
            | FindingKind::UnusedPermission
            | FindingKind::UnusedRule => "note",
        },
        message: Text { text: finding.text() },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: finding.file() },
                region: Region { start_line: finding.line().max(1) },
            },
        }],
    }
}
