//! Both disks do what the trait promises, and power cuts take what they may take, and no more.

use super::*;

fn faulty() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("dir/there"), b"there".to_vec());
    disk
}

fn write(disk: &FaultDisk, name: &str, bytes: &[u8]) -> Arc<dyn DiskFile> {
    let file = disk.open(&Path::new("dir").join(name), Access::Create).unwrap();
    file.write_at(bytes, 0).unwrap();
    file
}

/// The contents of a file after power cuts with many seeds, each outcome once.
fn outcomes(disk: &FaultDisk, name: &str) -> std::collections::BTreeSet<Option<Vec<u8>>> {
    (0..400).map(|seed| disk.power_cut(seed).read_file(&Path::new("dir").join(name))).collect()
}

fn behaves(disk: &dyn Disk, dir: &Path) {
    disk.create_dir(dir).unwrap();
    disk.create_dir(dir).unwrap();
    let (one, two) = (dir.join("one"), dir.join("two"));
    assert_eq!(disk.open(&one, Access::Read).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(disk.open(&one, Access::Write).unwrap_err().kind(), io::ErrorKind::NotFound);
    let file = disk.open(&one, Access::Create).unwrap();
    file.write_at(b"0123456789", 2).unwrap();
    file.sync().unwrap();
    assert_eq!(file.size().unwrap(), 12);
    let mut bytes = [9; 20];
    assert_eq!(file.read_full_at(&mut bytes, 0).unwrap(), 12);
    assert_eq!(&bytes[..12], b"\0\x000123456789");
    assert_eq!(file.read_full_at(&mut bytes, 12).unwrap(), 0);
    file.drop_cache().unwrap();
    assert_eq!(file.read_full_at(&mut bytes, 0).unwrap(), 12);
    file.set_len(3).unwrap();
    file.set_len(5).unwrap();
    assert_eq!(file.read_full_at(&mut bytes, 0).unwrap(), 5);
    assert_eq!(&bytes[..5], b"\0\x000\0\0");
    disk.rename(&one, &two).unwrap();
    disk.sync_dir(dir).unwrap();
    assert_eq!(disk.list(dir).unwrap(), ["two"]);
    assert_eq!(disk.open(&two, Access::Create).unwrap().size().unwrap(), 0);
    disk.remove(&two).unwrap();
    assert!(disk.remove(&two).is_err());
    assert!(disk.list(dir).unwrap().is_empty());
    assert!(disk.list(&dir.join("none")).is_err());
    assert!(disk.open(&dir.join("none").join("file"), Access::Create).is_err());
}

#[test]
fn both_disks_do_what_the_trait_says() {
    let folder = tempfile::tempdir().unwrap();
    behaves(&RealDisk, &folder.path().join("dir"));
    behaves(&FaultDisk::new(), Path::new("bank/dir"));
}

#[test]
fn synced_data_survives_and_the_rest_may() {
    let disk = faulty();
    let file = write(&disk, "file", b"first");
    file.sync().unwrap();
    let lost_name = outcomes(&disk, "file");
    assert_eq!(lost_name, [None, Some(b"first".to_vec())].into(), "the name is not synced");
    disk.sync_dir(Path::new("dir")).unwrap();
    assert_eq!(outcomes(&disk, "file"), [Some(b"first".to_vec())].into());
    file.write_at(b"again", 0).unwrap();
    assert_eq!(outcomes(&disk, "file"), [Some(b"first".to_vec()), Some(b"again".to_vec())].into());
    assert_eq!(outcomes(&disk, "there"), [Some(b"there".to_vec())].into());
}

#[test]
fn writes_tear_at_sectors_only() {
    let disk = faulty();
    let file = write(&disk, "file", &[1; 1536]);
    file.sync().unwrap();
    disk.sync_dir(Path::new("dir")).unwrap();
    file.write_at(&[2; 1024], 256).unwrap();
    let outcomes = outcomes(&disk, "file");
    // The write touches three sectors: 256 bytes, 512, and 256.
    assert_eq!(outcomes.len(), 8);
    for bytes in outcomes.into_iter().flatten() {
        for sector in [&bytes[256..512], &bytes[512..1024], &bytes[1024..1280]] {
            assert!(sector.iter().all(|byte| *byte == sector[0]));
        }
        assert!(bytes[..256].iter().chain(&bytes[1280..]).all(|byte| *byte == 1));
    }
}

#[test]
fn unsynced_writes_arrive_in_any_order() {
    let disk = faulty();
    let file = write(&disk, "file", b"-");
    file.sync().unwrap();
    disk.sync_dir(Path::new("dir")).unwrap();
    file.write_at(b"1", 0).unwrap();
    file.write_at(b"2", 0).unwrap();
    assert_eq!(outcomes(&disk, "file"), [b"-", b"1", b"2"].map(|bytes| Some(bytes.to_vec())).into());
}

#[test]
fn a_rename_is_lost_or_kept_completely() {
    let disk = faulty();
    disk.rename(Path::new("dir/there"), Path::new("dir/here")).unwrap();
    for seed in 0..50 {
        let image = disk.power_cut(seed);
        let (there, here) = (image.read_file(Path::new("dir/there")), image.read_file(Path::new("dir/here")));
        assert!(there.is_some() != here.is_some());
        assert_eq!(there.or(here).unwrap(), b"there");
    }
}

#[test]
fn data_of_a_failed_sync_is_never_made_durable_by_a_later_one() {
    let disk = faulty();
    let file = write(&disk, "file", b"-");
    file.sync().unwrap();
    disk.sync_dir(Path::new("dir")).unwrap();
    file.write_at(b"1", 0).unwrap();
    disk.fail_once(disk.operations(), Fault::Io);
    assert!(file.sync().is_err());
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "file"), [Some(b"-".to_vec()), Some(b"1".to_vec())].into());
    assert_eq!(disk.read_file(Path::new("dir/file")).unwrap(), b"1", "it reads as written");
    // If it is written again, it is.
    file.write_at(b"1", 0).unwrap();
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "file"), [Some(b"1".to_vec())].into());
}

#[test]
fn operations_fail_once_or_permanently() {
    let disk = faulty();
    let file = write(&disk, "file", b"-");
    disk.fail_once(disk.operations() + 1, Fault::NoSpace);
    assert!(file.write_at(b"a", 0).is_ok());
    assert_eq!(file.write_at(b"b", 0).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(file.write_at(b"c", 0).is_ok());
    disk.fail_from(disk.operations() + 1, Fault::ShortWrite);
    assert!(file.sync().is_ok());
    assert!(file.write_at(b"1234", 0).is_err());
    assert_eq!(disk.read_file(Path::new("dir/file")).unwrap(), b"12", "half of it");
    assert!(file.sync().is_err() && disk.list(Path::new("dir")).is_err());
    disk.heal();
    assert!(file.sync().is_ok());
}

#[test]
fn equal_seeds_give_equal_images() {
    let disk = faulty();
    for name in ["a", "b", "c"] {
        write(&disk, name, &[7; 3000]);
    }
    for seed in 0..20 {
        assert_eq!(disk.power_cut(seed).files(), disk.power_cut(seed).files());
    }
}

#[test]
fn a_garbled_write_reads_correctly_until_the_cache_is_dropped() {
    let disk = faulty();
    disk.garble_under(Path::new("dir"), 1);
    let (one, two) = (write(&disk, "one", b"first"), write(&disk, "two", b"second"));
    let reads = |file: &Arc<dyn DiskFile>| {
        let mut bytes = vec![0; 9];
        let read = file.read_full_at(&mut bytes, 0).unwrap();
        bytes.truncate(read);
        bytes
    };
    assert!(disk.has_garbled());
    for file in [&one, &two] {
        file.sync().unwrap();
    }
    assert_eq!(reads(&two), b"second");
    for file in [&one, &two] {
        file.drop_cache().unwrap();
    }
    assert_eq!(reads(&one), b"first");
    assert_eq!(reads(&two), b"secnnd");
}

#[test]
fn data_of_a_failed_sync_is_lost_with_the_cache() {
    let disk = faulty();
    let file = write(&disk, "file", b"-");
    file.sync().unwrap();
    file.write_at(b"1", 0).unwrap();
    disk.fail_once(disk.operations(), Fault::Io);
    assert!(file.sync().is_err());
    file.drop_cache().unwrap();
    assert_eq!(disk.read_file(Path::new("dir/file")).unwrap(), b"-");
}
