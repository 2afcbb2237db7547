//! What is no longer wanted goes: uploads that were given up, and contents whose records are deleted for long.

use uuid::Uuid;

use super::{Blobs, Hash, PATIENCE, hold};
use crate::accounts::list_orgs;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::wire::Octets;
use crate::ids::OrgId;
use crate::params;

impl Blobs {
    /// Throws away uploads that nobody went on with, and contents that no record has had for the time they are kept; how
    /// many contents went. Once an hour.
    ///
    /// # Errors
    /// The database's, the disk's.
    pub async fn tidy(&self) -> Result<usize> {
        self.forget_stale().await?;
        let now = self.clock.now();
        let kept = i64::try_from(self.limits.unused.as_millis()).unwrap_or(i64::MAX);
        let before = now.saturating_sub(kept);
        let unused = self
            .db
            .write(move |tx| Box::pin(unused(tx, now, before)))
            .await?;
        let count = unused.len();
        for (org, hash) in unused {
            let disk = self.disk.clone();
            self.db
                .write(move |tx| {
                    let disk = disk.clone();
                    Box::pin(async move {
                        // Whoever brings it meanwhile waits for the row, or was first.
                        hold(tx, org, hash.0, 0, now).await?;
                        let asked = params! { org_id: org, hash: hash.0, before: before };
                        let used = tx.query_one(include_str!("sql/used.sql"), asked).await?;
                        if used.get::<i64>("n")? > 0 {
                            return Ok(());
                        }
                        let gone = params! { org_id: org, hash: hash.0 };
                        tx.execute(include_str!("sql/remove_owners.sql"), gone.clone())
                            .await?;
                        tx.execute(include_str!("sql/remove.sql"), gone).await?;
                        disk.remove(org, &hash)
                    })
                })
                .await?;
        }
        Ok(count)
    }

    async fn forget_stale(&self) -> Result<()> {
        let before = self.clock.now() - PATIENCE;
        let stale: Vec<(OrgId, Uuid)> = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let sql = include_str!("sql/stale_uploads.sql");
                    let mut stale = Vec::new();
                    for row in tx.query(sql, params! { before: before }).await? {
                        let (org, id): (OrgId, Uuid) = (row.get("org_id")?, row.get("id")?);
                        let gone = params! { org_id: org, id: id };
                        tx.execute(include_str!("sql/remove_upload.sql"), gone)
                            .await?;
                        stale.push((org, id));
                    }
                    Ok::<_, Error>(stale)
                })
            })
            .await?;
        let disk = self.disk.clone();
        let forgetting = move || stale.iter().for_each(|(org, id)| disk.forget(*org, *id));
        Ok(tokio::task::spawn_blocking(forgetting).await?)
    }
}

/// Notes which records were deleted or came back since the last time; the contents that nothing has had since `before`.
async fn unused(tx: &mut Tx, now: i64, before: i64) -> Result<Vec<(OrgId, Hash)>> {
    let mut unused = Vec::new();
    for org in list_orgs(tx).await? {
        let noted = params! { org_id: org.id, now: now };
        tx.execute(include_str!("sql/note_unused.sql"), noted)
            .await?;
        let noted = params! { org_id: org.id };
        tx.execute(include_str!("sql/note_used.sql"), noted).await?;
        let asked = params! { org_id: org.id, before: before };
        for row in tx.query(include_str!("sql/unused.sql"), asked).await? {
            unused.push((org.id, Octets(row.get("hash")?)));
        }
    }
    Ok(unused)
}
