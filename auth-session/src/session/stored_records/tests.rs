//! Tests that records which are nearly valid are rejected, and that replaced secrets and other versions are
//! read.

use std::{sync::Arc, time::Duration};

use auth_identity::{
    Identity,
    clock::UnixTime,
    identity::{Acr, AuthTime, Authentication},
};
use serde_json::{Value, json};
use tower_sessions_core::session::{Id, Record};

use super::{
    SecretStatus, SessionData, SessionIdentityRecord, identity_record::CORE, secret_status::REPLACED,
};

fn core() -> SessionIdentityRecord {
    let alice = Identity::new("alice").unwrap();
    SessionIdentityRecord::new(
        Some(&alice),
        UnixTime::from_secs(1),
        UnixTime::from_secs(9),
        Duration::from_secs(3),
    )
}

fn authenticated() -> SessionIdentityRecord {
    let authentication = Authentication::new().with_acr(Acr::new("phr").unwrap());
    let authentication = authentication.with_time(AuthTime::At(UnixTime::from_secs(1)));
    let mut record = core();
    record.authentication = authentication;
    record
}

// How a user authenticated is never read as anything else.
#[test]
fn an_authentication_has_one_spelling() {
    let id = Id(7);
    let read = SessionIdentityRecord::read(authenticated().record(id).unwrap(), id).unwrap();
    assert_eq!(read, authenticated());
    let plain = core().record(id).unwrap();
    assert!(plain.data[CORE].get("authentication").is_none(), "as it was before");
    for wrong in [
        json!(null),
        json!({}),
        json!({"time": "log_in"}),
        json!({"time": "log_in", "acr": null}),
        json!({"time": "log_in", "acr": ""}),
        json!({"time": "log_in", "acr": "a b"}),
        json!({"time": {"at": -1}, "acr": null}),
        json!({"time": {"at": 1, "unknown": 1}, "acr": null}),
        json!({"time": "unknown", "acr": "phr", "admin": true}),
    ] {
        let mut record = plain.clone();
        record.data.get_mut(CORE).unwrap()["authentication"] = wrong.clone();
        assert!(SessionIdentityRecord::read(record, id).is_err(), "{wrong}");
    }
}

// More than 200 records that are nearly valid are rejected.
#[test]
fn what_is_not_exactly_a_record_of_ours_is_none() {
    let id = Id(7);
    let values = SessionData {
        seen: UnixTime::from_secs(2),
        data: Arc::new([("a".to_owned(), "1".to_owned())].into_iter().collect()),
    };
    let records = [
        core().record(id).unwrap(),
        values.record(id, &core()).unwrap(),
        SecretStatus::record(id, &core()).unwrap(),
        core().with_actor(Some(&Identity::new("root").unwrap())).record(id).unwrap(),
        authenticated().record(id).unwrap(),
    ];
    assert!(
        SessionIdentityRecord::read(records[0].clone(), id).is_ok()
            && SessionData::read(records[1].clone(), id).is_ok()
    );
    assert!(
        SessionIdentityRecord::read(records[1].clone(), id).is_err()
            && SessionData::read(records[0].clone(), id).is_err()
    );
    let refused = |record: Record| {
        SessionIdentityRecord::read(record.clone(), id).is_err() && SessionData::read(record, id).is_err()
    };

    let foreign = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(2),
        json!(""),
        json!("1"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
        json!({"a": null}),
        json!(" alice"),
        json!("a\nb"),
        json!(u64::MAX),
        json!(1e300),
        json!([[]]),
        json!(["a", 1]),
        json!("\u{202e}x"),
    ];
    let mut tried = 0;
    for record in &records {
        let (key, value) = record.data.iter().next().unwrap();
        let fields: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        for field in &fields {
            for wrong in &foreign {
                let mut value = value.clone();
                value[field] = wrong.clone();
                let mutated = Record { data: [(key.clone(), value)].into(), ..record.clone() };
                // Some mutations are valid; what is read is then written unchanged.
                let again =
                    SessionIdentityRecord::read(mutated.clone(), id).ok().and_then(|core| core.record(id));
                assert!(again.is_none_or(|again| again.data == mutated.data), "{field}: {wrong}");
                let again =
                    SessionData::read(mutated.clone(), id).ok().and_then(|values| values.record(id, &core()));
                assert!(again.is_none_or(|again| again.data == mutated.data), "{field}: {wrong}");
                assert!(SecretStatus::read(mutated, id).is_err(), "{field}: {wrong}");
                tried += 1;
            }
            // `Option` fields may be absent; a version or a time may not.
            let mut without = value.clone();
            without.as_object_mut().unwrap().remove(field);
            if !["identity", "label", "authentication"].contains(&field.as_str()) {
                assert!(
                    refused(Record { data: [(key.clone(), without)].into(), ..record.clone() }),
                    "{field}"
                );
            }
            tried += 1;
        }
        let mut more = value.clone();
        more["admin"] = json!(true);
        assert!(refused(Record { data: [(key.clone(), more)].into(), ..record.clone() }));
        let mut two = record.clone();
        two.data.insert("admin".to_owned(), Value::Null);
        assert!(refused(two));
        assert!(refused(Record { id: Id(8), ..record.clone() }));
        assert!(refused(Record { data: [].into(), ..record.clone() }));
        tried += 4;
    }
    assert!(tried >= 200, "{tried}");
}

#[test]
fn who_acts_for_a_user_is_read_by_servers_that_know_of_actors_only() {
    let (id, root) = (Id(7), Identity::new("root").unwrap());
    let plain = core().record(id).unwrap();
    assert_eq!(plain.data[CORE]["v"], json!(1));
    assert!(plain.data[CORE].get("actor").is_none(), "as it was before there were actors");
    let acted = core().with_actor(Some(&root)).record(id).unwrap();
    assert_eq!((&acted.data[CORE]["v"], &acted.data[CORE]["actor"]), (&json!(2), &json!("root")));
    assert_eq!(SessionIdentityRecord::read(acted.clone(), id).unwrap().who().unwrap().1, Some(&root));
    // Changing the version neither drops nor adds an impersonator.
    for (mut record, version) in [(plain, 2), (acted, 1)] {
        record.data.get_mut(CORE).unwrap()["v"] = json!(version);
        assert!(SessionIdentityRecord::read(record, id).is_err(), "{version}");
    }
    let mut nobodys = SessionIdentityRecord::new(
        None,
        UnixTime::from_secs(1),
        UnixTime::from_secs(9),
        Duration::from_secs(3),
    );
    nobodys = nobodys.with_actor(Some(&Identity::new("root").unwrap()));
    assert!(SessionIdentityRecord::read(nobodys.record(id).unwrap(), id).is_err());
}

#[test]
fn a_replaced_value_is_not_the_present_one() {
    let (id, until) = (Id(7), UnixTime::from_secs(60));
    let open = SecretStatus::record(id, &core()).unwrap();
    let replaced = SecretStatus::replaced(id, until).unwrap();
    assert_eq!(SecretStatus::read(open.clone(), id), Ok(SecretStatus::Current));
    assert_eq!(SecretStatus::read(replaced.clone(), id), Ok(SecretStatus::Replaced { until }));
    assert!(SecretStatus::is_current_record(&open) && !SecretStatus::is_current_record(&replaced));
    let mut both = replaced.clone();
    both.data.extend(open.data);
    assert!(SecretStatus::read(both, id).is_err());
    let mut later = replaced;
    later.data.get_mut(REPLACED).unwrap()["v"] = json!(2);
    assert!(SecretStatus::read(later, id).is_err());
}

#[test]
fn times_beyond_the_calendar_are_the_last_one() {
    let far = SessionIdentityRecord::new(
        None,
        UnixTime::from_secs(0),
        UnixTime::from_secs(u64::MAX),
        Duration::MAX,
    );
    assert_eq!(far.record(Id(1)).unwrap().expiry_date.year(), 9999);
}
