//! Commands that are interrupted (Ctrl-C, SIGTERM, SIGHUP): drafts and temporary folders go away, some of which hold keys, and
//! the process ends at once, whatever it does. A server has a way of its own to stop.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::files;

/// Ends the process at a signal, for as long as the value is kept.
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    /// Begins to watch.
    pub(crate) fn begin() -> std::io::Result<Watch> {
        let interrupted = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(waited_for);
        let [interrupted, terminated, hung_up] = interrupted;
        let (interrupted, terminated, hung_up) = (interrupted?, terminated?, hung_up?);
        Ok(Watch(tokio::spawn(async move {
            let number = tokio::select! { number = interrupted => number, number = terminated => number, number = hung_up => number };
            let _nothing_new = files::abandon();
            std::process::exit(128 + number) // as shells tell it
        })))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Resolves to the signal's number when it comes.
fn waited_for(kind: SignalKind) -> std::io::Result<impl Future<Output = i32>> {
    let mut signal = signal(kind)?;
    Ok(async move {
        signal.recv().await;
        kind.as_raw_value()
    })
}
