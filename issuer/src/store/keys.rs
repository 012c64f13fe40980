//! Keys of certificates that were issued by programs that knew none, or others. Each world is brought up to date once.

use world::store::{Row, Script, Store, query};

use crate::completion::Completion;
use crate::error::Error;
use crate::identity::Identity;
use crate::settings::Settings;

/// How many certificates are looked at together.
const PAGE: i64 = 200;

/// Gives certificates their keys: those that were issued before there were any, and those of later versions of a template that were
/// issued before versions counted.
pub(crate) async fn complete_keys(store: &Store, first: &Settings) -> Result<(), Error> {
    once(store, "certificates have keys", async || give_keys(store, first).await).await?;
    once(store, "keys name versions of templates", async || tell_versions_apart(store, first).await).await
}

async fn once(store: &Store, done: &str, work: impl AsyncFnOnce() -> Result<(), Error>) -> Result<(), Error> {
    if store.recalled(done).await?.is_none() {
        work().await?;
        store.remember(done, "yes").await?;
    }
    Ok(())
}

async fn give_keys(store: &Store, first: &Settings) -> Result<(), Error> {
    let text =
        "SELECT number, organization, completion FROM issued_certificate WHERE number > $1 ORDER BY number LIMIT $2";
    page_by_page(store, first, text, |script, _, identity, number| {
        let values = [identity.key.into(), identity.content.into(), number.into()];
        script.push("INSERT INTO certificate_key (key, content, number) VALUES (").push_values(values);
        script.push(") ON CONFLICT (key) DO NOTHING").end();
        Ok(())
    })
    .await
}

/// A key that a registrar gave stays as it is: it names no version.
async fn tell_versions_apart(store: &Store, first: &Settings) -> Result<(), Error> {
    let text = "SELECT certificate.number, certificate.organization, completion, template_version \
                FROM certificate_listing AS listing JOIN issued_certificate AS certificate ON certificate.number = listing.number \
                WHERE template_version > 1 AND listing.number > $1 ORDER BY listing.number LIMIT $2";
    page_by_page(store, first, text, |script, row, before, number| {
        let now = before.clone().under(row.get("template_version")?);
        let values = [now.key.into(), now.content.into(), number.clone().into()];
        script.push("INSERT INTO certificate_key (key, content, number) SELECT ").push_values(values);
        script.push(" WHERE EXISTS (SELECT 1 FROM certificate_key WHERE key = ").push_bind(before.key.clone());
        script.push(" AND number = ").push_bind(number.clone()).push(") ON CONFLICT (key) DO NOTHING").end();
        script.push("DELETE FROM certificate_key WHERE key = ").push_bind(before.key);
        script.push(" AND number = ").push_bind(number).end();
        Ok(())
    })
    .await
}

/// Writes something about each certificate that `text` gives, in the order of their numbers: `$1` is the number after which they are
/// wanted, `$2` how many.
async fn page_by_page(
    store: &Store,
    first: &Settings,
    text: &'static str,
    write: impl Fn(&mut Script<'_>, &Row, Identity, String) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let rows = query(text).bind(&after).bind(PAGE).fetch_all(store).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.get("number")?;
        let mut script = store.script();
        for row in &rows {
            if let Some(identity) = identity(row, first)? {
                write(&mut script, row, identity, row.get("number")?)?;
            }
        }
        store.turn().await?.commit(script).await?;
    }
}

/// What makes a certificate the same one, in whichever version of its template; none if its data cannot be read any more.
fn identity(row: &Row, first: &Settings) -> Result<Option<Identity>, Error> {
    let organization: Option<String> = row.get("organization")?;
    let Ok(completion) = Completion::from_kept(row.get::<&str>("completion")?.as_bytes()) else { return Ok(None) };
    Ok(Some(Identity::of(organization.as_deref().unwrap_or(&first.organization().id), &completion)))
}

#[cfg(test)]
mod tests {
    use world::World;

    use super::*;
    use crate::completion::tests::example;
    use crate::settings::Secret;

    #[tokio::test]
    async fn what_a_later_version_made_before_versions_counted_gets_the_key_of_that_version_and_a_given_key_stays() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
        crate::store::migrate(&world.store).await.unwrap();
        let settings = Settings::testbed("http://127.0.0.1:8700", Secret::new([7; 32])).unwrap();
        let (made, given) = (Identity::of("tbu", &example()), Identity::given("A-1", "tbu", &example()));
        let data = serde_json::to_string(&example()).unwrap();
        for (number, key) in [("TBU-2026-000001-N", &made.key), ("TBU-2026-000002-L", &given.key)] {
            let text = "INSERT INTO issued_certificate (number, issued_at, level, recipient, achievement_ja, achievement_en, completion, \
                        confirmation_code, seal_serial, document_digest, sent_digest, sha256, badge, pdf, organization) \
                        VALUES ($1, '', '', '', '', '', $2, '', '', '', '', '', '', $3, 'tbu')";
            query(text).bind(number).bind(&data).bind(&b""[..]).execute(&world.store).await.unwrap();
            let text = "INSERT INTO certificate_listing (number, issued_at, recipient, identifier, achievement_ja, achievement_en, \
                        document_digest, template_version) VALUES ($1, '', '', '', '', '', '', 2)";
            query(text).bind(number).execute(&world.store).await.unwrap();
            let text = "INSERT INTO certificate_key (key, content, number) VALUES ($1, $2, $3)";
            query(text).bind(key).bind(&made.content).bind(number).execute(&world.store).await.unwrap();
        }
        for _ in 0..2 {
            complete_keys(&world.store, &settings).await.unwrap();
            let text = "SELECT key FROM certificate_key ORDER BY number";
            let keys: Vec<String> = query(text).fetch_values(&world.store).await.unwrap();
            assert_eq!(keys, [made.clone().under(2).key, given.key.clone()]);
        }
    }
}
