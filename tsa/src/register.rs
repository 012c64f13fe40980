//! The register of issued tokens, RFC 3161 clause 4 item 2: an audit trail tells genuine from false back-dated tokens
//! once a unit's key is compromised. In: what one token says. Out: recorded on disk, before the token is handed out.
//!
//! Group commit: while one transaction is written, the records of other requests gather, and the next transaction takes
//! them all. A lone client waits for one commit; sixteen share it.

use tokio::sync::{mpsc, oneshot};
use world::seldom::Seldom;

use crate::Error;
use crate::store::TokenStore;
use crate::token::IssuedToken;

/// Records in one transaction at most: six values each, and SQLite binds 32,766 in a statement.
const LARGEST_BATCH: usize = 1024;

/// The queue of records that wait for their transaction.
#[derive(Clone, Debug)]
pub(crate) struct Register {
    queue: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    token: IssuedToken,
    recorded: oneshot::Sender<()>,
}

impl Register {
    /// Starts the writer; it ends when the last handle is dropped.
    pub(crate) fn open(store: TokenStore) -> Register {
        let (queue, waiting) = mpsc::channel(LARGEST_BATCH);
        tokio::spawn(write(store, waiting));
        Register { queue }
    }

    /// Returns once the record is committed.
    pub(crate) async fn record(&self, token: IssuedToken) -> Result<(), Error> {
        let (recorded, commit) = oneshot::channel();
        self.queue.send(Waiting { token, recorded }).await.map_err(|_| Error::Register)?;
        commit.await.map_err(|_| Error::Register)
    }
}

// As many as are asked for while a disk is full or a database away.
static WITHHELD: Seldom =
    Seldom::new(|times, error| tracing::error!(times, %error, "a token is withheld: the register failed"));

async fn write(store: TokenStore, mut queue: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(LARGEST_BATCH);
    while queue.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        let (tokens, waiting): (Vec<_>, Vec<_>) = batch.drain(..).map(|one| (one.token, one.recorded)).unzip();
        match store.save_tokens(&tokens).await {
            Ok(()) => {
                for one in waiting {
                    let _ = one.send(()); // the client may have gone; a record of a token that nobody holds does no harm
                }
            }
            Err(error) => tokens.iter().for_each(|_| WITHHELD.happened(&error)),
        }
    }
}
