//! Folders of testbeds that answer, do not, or are copies.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn running(base: &str, mark: &str) -> Running {
    Running { base: base.into(), pid: std::process::id(), mark: mark.into(), folder: None, https: None, token: None }
}

async fn held(data: &Path) -> Hold {
    match take(data, Work::Serve).await.unwrap() {
        Taken::Held(hold) => hold,
        Taken::Serving(running) => panic!("{running:?}"),
    }
}

/// A server that answers everything with that.
async fn server(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0; 1024]).await;
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = connection.write_all((answer + &body).as_bytes()).await;
        }
    });
    base
}

#[tokio::test]
async fn a_testbed_serves_where_it_answers_with_its_mark_and_another_program_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let hold = held(folder.path()).await;
    for (answer, serves) in [
        (r#"{"base":"http://localhost","mark":"other"}"#, false),
        ("hello", false),
        (r#"{"base":"http://localhost","mark":"own"}"#, true),
    ] {
        let running = running(&server(answer.into()).await, "own");
        hold.announce(&running).unwrap();
        assert_eq!(serving(folder.path()).await, serves.then_some(running), "{answer}");
    }
}

#[tokio::test]
async fn a_copy_of_a_folder_is_not_served_by_the_testbed_of_the_original() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let hold = held(&data).await;
    let running = running(&server(r#"{"base":"http://localhost","mark":"own"}"#.into()).await, "own");
    let running = Running { folder: identity(&data), ..running };
    hold.announce(&running).unwrap();
    std::fs::create_dir(&copy).unwrap();
    for file in ["lock", "running.json"] {
        std::fs::copy(data.join(file), copy.join(file)).unwrap();
    }
    assert_eq!((serving(&data).await, serving(&copy).await), (Some(running), None));
    drop(held(&copy).await);
}

#[test]
fn a_lock_that_is_a_link_is_refused_and_leaves_what_it_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "notes").unwrap();
    std::os::unix::fs::symlink(&notes, folder.path().join("lock")).unwrap();
    assert!(open(folder.path()).is_err());
    assert_eq!(std::fs::read_to_string(notes).unwrap(), "notes");
}

#[tokio::test]
async fn a_folder_that_another_took_meanwhile_is_theirs_and_one_whose_lock_was_removed_is_locked_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (first, second) = (running("http://127.0.0.1:1", "first"), running("http://127.0.0.1:2", "second"));
    let (hold, mut again) = (held(&data).await, None);
    hold.kept(&mut again, &first).unwrap();
    std::fs::remove_file(data.join("lock")).unwrap();
    let left = format!("{{{}", " ".repeat(200)); // longer than what replaces it
    std::fs::write(data.join("lock"), left).unwrap();
    hold.kept(&mut again, &first).unwrap();
    assert_eq!(holder(&mut File::open(data.join("lock")).unwrap()).map(|one| one.pid), Some(std::process::id()));
    std::fs::remove_dir_all(&data).unwrap();
    let other = held(&data).await;
    other.announce(&second).unwrap();
    assert!(hold.kept(&mut again, &first).unwrap_err().to_string().contains("was removed"));
    hold.withdraw(&first);
    assert_eq!(announced(&data), Some(second));
}
