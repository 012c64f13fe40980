//! The server of the measures over HTTP: this program again, as a process of its own, with a world on disk, behind the guard, the
//! limits and the journal that the testbed has. Its runtime has as many threads as there are processors; client and server share them.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};
use laboratory::Laboratory;
use pki::KeyKind;
use serde_json::Value;
use tempfile::TempDir;
use world::store::postgres::{Database, mark};
use world::{World, guard::Guard};

/// A running server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    _end: ChildStdin,
    folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(std::env::current_exe()?);
        if let Some(address) = std::env::args().skip_while(|word| word != "--database").nth(1) {
            command.env("DATABASE_URL", address);
        }
        command.arg("--serve").arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("the server did not start")?;
        let _end = process.stdin.take().context("the server has no input")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("the server has no output")?).read_line(&mut line)?;
        let address = line.trim().parse().with_context(|| format!("the server said {line:?}"))?;
        Ok(Server { address, process, _end, folder })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// How a client of the key server logs in.
    pub(crate) fn client(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&std::fs::read(self.folder.path().join("csc-client.json"))?)?)
    }

    /// The world's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may have ended
        let _ = self.process.wait();
    }
}

/// A world in that folder: in a file, or in a new schema of the database that was named.
pub(crate) async fn world_in(folder: &Path, base: &str, database: Option<&Database>) -> Result<World> {
    if let Some(database) = database {
        let name = format!("bench-{:016x}", u64::from_le_bytes(world::random::bytes()));
        let birth = database.birth(&name).await?.context("nobody made a world of that name before")?;
        mark(folder, birth.schema())?;
        let world = World::open_over(Some(database), folder, "default", base).await?;
        birth.complete().await?;
        return Ok(world);
    }
    Ok(World::open(folder, "default", base).await?)
}

/// Serves a world of that folder until standard input ends.
pub(crate) fn serve(folder: &Path, database: Option<&Database>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let world = world_in(folder, &format!("http://{address}"), database).await?;
        let laboratory = Laboratory::open(&world, KeyKind::P256, |_| axum::Router::new()).await?;
        println!("{address}");
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
        let end = async move { drop(end.await) };
        let services = Guard::new(address.port()).in_front_of(laboratory.services);
        world::server::serve(listener, services, end).await;
        Ok(())
    })
}
