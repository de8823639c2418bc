//! One article with its rules, as the argument of a handler: [`Article`].

use auth_runtime::{Auth, Name, Resource, Rule, acl::rules_of_row, clock::UnixTime, guard::Missing};
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse as _, Response},
};

use super::{
    Stage,
    row_rules::{Column, DESK, rules},
};
use crate::{error::Failure, pages::time, roles::APPEARED, roles::Can, state::Newsroom};

/// An article.
#[derive(Clone, Debug)]
pub(crate) struct Article {
    pub(crate) row: Row,
    /// The people who write with the owner
    pub(crate) co_authors: Vec<String>,
    /// It is published, and its time has come.
    pub(crate) has_appeared: bool,
}

/// A row of the table, with the owner's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) owner: String,
    pub(crate) owner_name: String,
    stage: String,
    publish_at: Option<i64>,
    pub(crate) revision: i64,
}

impl Row {
    pub(crate) fn stage(&self) -> Stage {
        Stage::parse(&self.stage)
    }

    /// Returns when a published article appears.
    pub(crate) fn appears(&self) -> Option<UnixTime> {
        self.publish_at.map(time::from_row)
    }

    /// Returns whether everyone may read it at this time.
    fn has_appeared(&self, now: UnixTime) -> bool {
        self.stage() == Stage::Published && self.appears().is_some_and(|time| time <= now)
    }
}

impl Article {
    /// Returns what a column of this article holds.
    fn values(&self, column: Column) -> Vec<Name<'_>> {
        let stage = self.row.stage();
        let owner = || vec![Name::Text(&self.row.owner)];
        let co_authors = || self.co_authors.iter().map(|id| Name::Text(id)).collect();
        match column {
            Column::CoAuthor => co_authors(),
            Column::CoAuthorOfDraft if stage == Stage::Draft => co_authors(),
            Column::Desk if stage != Stage::Draft => vec![Name::Text(DESK)],
            Column::Owner => owner(),
            Column::OwnerOfDraft if stage == Stage::Draft => owner(),
            Column::CoAuthorOfDraft | Column::Desk | Column::OwnerOfDraft => Vec::new(),
        }
    }
}

impl Resource for Article {
    type Permission = Can;

    const PATH_PARAMETERS: &'static [&'static str] = &["id"];

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        let public: Vec<Rule<'_>> = if self.has_appeared { APPEARED.iter().collect() } else { Vec::new() };
        public.into_iter().chain(rules_of_row(rules(), |column| self.values(*column)))
    }
}

impl FromRequestParts<Newsroom> for Article {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, newsroom: &Newsroom) -> Result<Self, Response> {
        let path = Path::<String>::from_request_parts(parts, newsroom).await;
        let Path(id) = path.map_err(|_| Missing.into_response())?;
        let article = match find(newsroom, &id).await {
            Ok(Some(article)) => article,
            Ok(None) => return Err(Missing.into_response()),
            Err(error) => return Err(Failure::from(error).into_response()),
        };
        let auth = Auth::from_request_parts(parts, newsroom).await?;
        match auth.check_permission(Can::View, &article).await {
            Ok(_) => Ok(article),
            // On each of its routes: a guard's 403 would tell that there is an article.
            Err(error) if error.status().is_client_error() => Err(Missing.into_response()),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// Returns the article with this id.
pub(crate) async fn find(newsroom: &Newsroom, id: &str) -> Result<Option<Article>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT articles.id, title, body, owner, people.name AS owner_name, stage, publish_at, \
         articles.revision FROM articles JOIN people ON people.id = owner WHERE articles.id = $1",
    )
    .bind(id)
    .fetch_optional(&newsroom.store.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let co_authors: Vec<(String,)> =
        sqlx::query_as("SELECT person FROM co_authors WHERE article = $1 ORDER BY person")
            .bind(id)
            .fetch_all(&newsroom.store.pool)
            .await?;
    let has_appeared = row.has_appeared(newsroom.now());
    Ok(Some(Article { row, co_authors: co_authors.into_iter().map(|(id,)| id).collect(), has_appeared }))
}

#[cfg(test)]
mod tests {
    use auth_runtime::{Groups, Principals, acl::row_filter, decide_for};

    use super::*;
    use crate::{Role, roles::Can};

    /// An article of Arthur's with Agnes.
    fn article(stage: Stage, has_appeared: bool) -> Article {
        let row = Row {
            id: "1".to_owned(),
            title: String::new(),
            body: String::new(),
            owner: "arthur".to_owned(),
            owner_name: String::new(),
            stage: stage.as_str().to_owned(),
            publish_at: None,
            revision: 0,
        };
        Article { row, co_authors: vec!["agnes".to_owned()], has_appeared }
    }

    const ALL: [Can; 7] =
        [Can::View, Can::Edit, Can::Submit, Can::Publish, Can::SendBack, Can::Share, Can::Comment];

    /// Whether the rules grant each permission of [`ALL`], as letters.
    fn rights(article: &Article, user: Option<(&str, Role)>) -> String {
        let groups = user.map(|(_, role)| Groups::from([role])).unwrap_or_default();
        let who = match user {
            Some((id, _)) => Principals::user(id, &groups),
            None => Principals::anonymous(),
        };
        let may = |can: Can| decide_for(article, auth_runtime::Permission::name(&can), &who).is_allow();
        ALL.iter().zip("vesPSac".chars()).filter(|(can, _)| may(**can)).map(|(_, letter)| letter).collect()
    }

    #[test]
    fn what_each_person_may_do_with_an_article_depends_on_its_stage() {
        let (draft, review) = (article(Stage::Draft, false), article(Stage::Review, false));
        let (embargoed, appeared) = (article(Stage::Published, false), article(Stage::Published, true));
        let people = [
            (None, ["", "", "", "v"]),
            (Some(("rita", Role::Reader)), ["", "", "", "vc"]),
            (Some(("arthur", Role::Author)), ["vesa", "v", "v", "vc"]),
            (Some(("agnes", Role::Author)), ["ve", "v", "v", "vc"]),
            (Some(("albert", Role::Author)), ["", "", "", "vc"]),
            (Some(("edda", Role::Editor)), ["", "vePS", "vePS", "vePSc"]),
            (Some(("carla", Role::Chief)), ["vesPSa", "vesPSa", "vesPSa", "vesPSac"]),
            (Some(("sam", Role::Support)), ["", "", "", "vc"]),
        ];
        for (user, expected) in people {
            let found = [&draft, &review, &embargoed, &appeared].map(|article| rights(article, user));
            assert_eq!(found, expected.map(str::to_owned), "{user:?}");
        }
    }

    #[test]
    fn a_filter_of_a_list_decides_as_the_rules_of_an_article_do() {
        let groups = Groups::from([Role::Editor]);
        for stage in [Stage::Draft, Stage::Review, Stage::Published] {
            let article = article(stage, false);
            for id in ["arthur", "agnes", "edda"] {
                for can in ALL {
                    let (who, name) = (Principals::user(id, &groups), auth_runtime::Permission::name(&can));
                    let filter = row_filter(rules(), name, &who);
                    let by_filter = filter.allows(|column| article.values(*column));
                    assert_eq!(by_filter, decide_for(&article, name, &who).is_allow(), "{id} {can:?}");
                }
            }
        }
    }
}
