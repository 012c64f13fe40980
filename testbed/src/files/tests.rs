//! Results in folders of the system: whole or not at all, and never over what was there.

use super::*;

fn drafts(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_file_that_is_there_stays_unless_force_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/result");
    write(&file, b"first", Existing::Stays).unwrap();
    assert!(matches!(check_free(&file, Existing::Stays), Err(Error::Exists { .. })));
    assert!(matches!(write(&file, b"second", Existing::Stays), Err(Error::Exists { .. })));
    assert_eq!(std::fs::read(&file).unwrap(), b"first");
    write(&file, b"third", Existing::Replaced).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"third");
    assert_eq!(drafts(file.parent().unwrap()), 1, "no draft is left");
}

#[test]
fn a_link_is_a_file_that_is_there_and_what_it_leads_to_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let (own, link) = (folder.path().join("own"), folder.path().join("result"));
    for target in [&own, &folder.path().join("nowhere")] {
        std::fs::write(&own, "own").unwrap();
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(matches!(write(&link, b"x", Existing::Stays), Err(Error::Exists { .. })));
        write(&link, b"x", Existing::Replaced).unwrap();
        assert_eq!(std::fs::read(&own).unwrap(), b"own");
        assert!(!link.symlink_metadata().unwrap().is_symlink());
        std::fs::remove_file(&link).unwrap();
    }
}

#[test]
fn of_many_that_write_one_name_at_once_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result");
    let won = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| write(&file, b"x", Existing::Stays).is_ok())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!((won, drafts(folder.path())), (1, 1));
}

#[test]
fn one_place_in_two_spellings_is_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let spelt = |text: &str| (Path::new("input"), folder.path().join(text));
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    assert!(matches!(check_apart([spelt("a"), spelt("sub/../a")]), Err(Error::SameResult { .. })));
    check_apart([spelt("a"), spelt("sub/a"), (Path::new("x"), "-".into()), (Path::new("y"), "-".into())]).unwrap();
}

#[test]
fn a_pipe_is_written_to_also_behind_a_link_and_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for place in [&pipe, &link] {
        for existing in [Existing::Stays, Existing::Replaced] {
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || std::fs::read(pipe).unwrap()
            });
            let mut draft = Draft::of(place, existing).unwrap();
            draft.write_all(b"x").unwrap();
            draft.finish().unwrap();
            assert_eq!(reader.join().unwrap(), b"x");
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || std::fs::read(pipe).unwrap()
            });
            let workshop = Workshop::of(place, existing).unwrap();
            std::fs::write(workshop.file(), b"y").unwrap();
            workshop.finish().unwrap();
            assert_eq!(reader.join().unwrap(), b"y");
        }
    }
    assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo() && link.is_symlink());
    assert!(matches!(write(folder.path(), b"x", Existing::Replaced), Err(Error::Folder { .. })));
}

#[test]
fn where_a_testbed_keeps_its_worlds_no_result_is_written_however_the_place_is_spelt() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let world = data.join("worlds/default");
    std::fs::create_dir_all(&world).unwrap();
    std::fs::write(world.join("world.db"), "keys").unwrap();
    std::os::unix::fs::symlink(&world, folder.path().join("link")).unwrap();
    for spelt in [
        "data/worlds/default/world.db",
        "data/worlds/default/new/deep/er.pdf",
        "data/worlds/other/x",
        "data/worlds/x",
        "data/worlds",
        "data/none/../worlds//default/./root.key",
        "link/world.db",
        "link/trust/x.pem",
        "data/lock",
        "data/running.json",
        "data/token",
    ] {
        let written = write(&folder.path().join(spelt), b"x", Existing::Replaced);
        assert!(matches!(written, Err(Error::Own { .. } | Error::Folder { .. })), "{spelt}: {written:?}");
    }
    assert_eq!(std::fs::read(world.join("world.db")).unwrap(), b"keys");
    assert!(!data.join("none").exists() && !world.join("new").exists());
    write(&data.join("documents/x"), b"x", Existing::Stays).unwrap();
    write(&folder.path().join("worlds/x"), b"x", Existing::Stays).unwrap();
}

#[test]
fn what_is_made_beside_its_place_leaves_nothing_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result");
    let made = |existing| {
        let workshop = Workshop::of(&file, existing)?;
        std::fs::write(workshop.file(), "whole").unwrap();
        std::fs::write(workshop.file().with_extension("journal"), "x").unwrap();
        workshop.finish()
    };
    drop(Workshop::of(&file, Existing::Stays).unwrap());
    assert_eq!(drafts(folder.path()), 0);
    made(Existing::Stays).unwrap();
    assert!(matches!(made(Existing::Stays), Err(Error::Exists { .. })));
    made(Existing::Replaced).unwrap();
    assert_eq!(drafts(folder.path()), 1);
}

#[test]
fn no_result_takes_the_place_of_an_input_however_either_is_spelt() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::create_dir(place("sub")).unwrap();
    std::fs::write(place("own"), "own").unwrap();
    std::os::unix::fs::symlink("own", place("link")).unwrap();
    std::fs::hard_link(place("own"), place("twin")).unwrap();
    for (input, result) in [
        ("own", "own"),
        ("own", "sub/../own"),
        ("link", "own"),
        ("link", "link"),
        ("own", "twin"),
        ("later", "sub/../later"),
    ] {
        let checked = check_inputs_stay([&*place(input)], [&*place(result)]);
        assert!(matches!(checked, Err(Error::Input { .. })), "{input} {result}");
    }
    let results = [&*place("other"), &*place("link"), Path::new("-"), Path::new("/dev/null")];
    check_inputs_stay([&*place("own"), Path::new("-"), Path::new("/dev/null")], results).unwrap();
}

#[test]
fn what_is_open_under_a_number_is_written_to_and_never_replaced() {
    use std::os::fd::AsRawFd;
    let folder = tempfile::tempdir().unwrap();
    let (log, link, further) = (folder.path().join("log"), folder.path().join("link"), folder.path().join("further"));
    let opened = std::fs::File::create(&log).unwrap();
    let number = format!("/proc/self/fd/{}", opened.as_raw_fd());
    std::os::unix::fs::symlink(&number, &link).unwrap();
    std::os::unix::fs::symlink("link", &further).unwrap();
    for place in [Path::new(&number), &link, &further] {
        for existing in [Existing::Stays, Existing::Replaced] {
            write(place, b"x", existing).unwrap();
        }
    }
    assert_eq!(std::fs::read(&log).unwrap(), b"xxxxxx");
    assert!(link.is_symlink() && further.is_symlink());
}
