//! The arrows between rooms, and where each library may stand.

use cargo_metadata::MetadataCommand;

use crate::root;

/// Each package of the workspace, and the packages of the workspace that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("ketu-model", &[]),
    ("ketu-sheet", &[]),
    ("ketu-store", &["ketu-model"]),
    ("ketu-sync", &["ketu-model"]),
    (
        "ketu-app",
        &["ketu-model", "ketu-store", "ketu-sheet", "ketu-sync"],
    ),
    ("ketu-server", &["ketu-model", "ketu-sync"]),
    ("ketu-desktop", &["ketu-app"]),
    ("ketu-cli", &["ketu-app"]),
    (
        "ketu-sim",
        &[
            "ketu-model",
            "ketu-sync",
            "ketu-store",
            "ketu-app",
            "ketu-server",
        ],
    ),
    // Whole-system tests stand outside the house and look in through every door.
    (
        "ketu-tests",
        &[
            "ketu-model",
            "ketu-store",
            "ketu-sheet",
            "ketu-sync",
            "ketu-app",
            "ketu-server",
            "ketu-sim",
        ],
    ),
    // The floors measure the libraries bare, so none of our rooms may be in them.
    ("ketu-floor", &[]),
    ("xtask", &[]),
];

/// Libraries that stand in few rooms. A name ending in `*` covers all that begin so.
const LIBRARIES: &[Library] = &[
    Library {
        names: &["tauri", "tauri-*", "wry", "tao"],
        rooms: &["ketu-desktop"],
    },
    Library {
        names: &["rusqlite", "libsqlite3-sys"],
        rooms: &["ketu-store", "ketu-server", "ketu-floor"],
    },
    Library {
        names: &["calamine", "rust_xlsxwriter"],
        rooms: &["ketu-sheet", "ketu-floor"],
    },
    Library {
        names: &["axum", "axum-*"],
        rooms: &["ketu-server", "ketu-cli?"],
    },
    Library {
        names: &["keyring", "keyring-*"],
        rooms: &["ketu-app"],
    },
    Library {
        names: &["reqwest", "ureq", "hyper"],
        rooms: &["ketu-app"],
    },
    Library {
        names: &["tokio-postgres", "deadpool-postgres", "postgres"],
        rooms: &["ketu-server"],
    },
];

struct Library {
    names: &'static [&'static str],
    /// A room with `?` may use it only behind a feature.
    rooms: &'static [&'static str],
}

impl Library {
    fn is(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == *known,
            })
    }

    fn may_stand_in(&self, arrow: &Arrow) -> bool {
        self.rooms.iter().any(|room| match room.strip_suffix('?') {
            Some(room) => room == arrow.from && arrow.optional,
            None => *room == arrow.from,
        })
    }
}

/// One dependency as a package declares it, of whatever kind (also for tests and build scripts).
#[derive(Clone, Debug)]
struct Arrow {
    from: String,
    to: String,
    optional: bool,
}

/// What is wrong, in words that say where to look. Empty when the house is as drawn.
fn faults(packages: &[String], arrows: &[Arrow]) -> Vec<String> {
    let allowed = |name: &str| {
        ROOMS
            .iter()
            .find(|(room, _)| *room == name)
            .map(|(_, uses)| *uses)
    };
    let mut faults: Vec<String> = packages
        .iter()
        .filter(|name| allowed(name).is_none())
        .map(|name| format!("{name} is a room that the plan does not draw"))
        .collect();
    for arrow in arrows {
        let Arrow { from, to, .. } = arrow;
        let is_room = packages.contains(to) || allowed(to).is_some();
        if is_room && !allowed(from).unwrap_or_default().contains(&to.as_str()) {
            faults.push(format!("{from} may not use {to}"));
        }
        if let Some(library) = LIBRARIES.iter().find(|library| library.is(to))
            && !library.may_stand_in(arrow)
        {
            faults.push(format!(
                "{to} may not stand in {from}, only in {}",
                library.rooms.join(", ")
            ));
        }
    }
    faults
}

#[test]
fn every_arrow_between_rooms_is_one_that_the_plan_draws() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("the workspace can be read");
    let packages: Vec<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let arrows: Vec<Arrow> = metadata
        .packages
        .iter()
        .flat_map(|package| {
            package.dependencies.iter().map(|dependency| Arrow {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                optional: dependency.optional,
            })
        })
        .collect();
    assert!(
        packages.len() >= 8 && arrows.len() >= 30,
        "the workspace was read: {packages:?}"
    );
    assert_eq!(faults(&packages, &arrows), Vec::<String>::new());
}

#[cfg(test)]
mod planted {
    use super::*;

    fn arrow(from: &str, to: &str) -> Arrow {
        Arrow {
            from: from.into(),
            to: to.into(),
            optional: false,
        }
    }

    fn found(arrows: &[Arrow]) -> Vec<String> {
        let packages: Vec<String> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
        faults(&packages, arrows)
    }

    #[test]
    fn a_wrong_arrow_between_rooms_is_found() {
        assert_eq!(
            found(&[arrow("ketu-model", "ketu-store")]),
            ["ketu-model may not use ketu-store"]
        );
        assert_eq!(
            found(&[arrow("ketu-desktop", "ketu-store")]),
            ["ketu-desktop may not use ketu-store"]
        );
        assert_eq!(
            found(&[arrow("ketu-app", "ketu-server")]),
            ["ketu-app may not use ketu-server"]
        );
        assert_eq!(
            found(&[arrow("ketu-app", "ketu-store")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_library_in_the_wrong_room_is_found() {
        assert_eq!(found(&[arrow("ketu-app", "rusqlite")]).len(), 1);
        assert_eq!(found(&[arrow("ketu-cli", "tauri-plugin-dialog")]).len(), 1);
        assert_eq!(found(&[arrow("ketu-tests", "calamine")]).len(), 1);
        assert_eq!(
            found(&[arrow("ketu-store", "rusqlite"), arrow("ketu-app", "serde")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_bridge_may_use_axum_only_behind_its_feature() {
        let behind = Arrow {
            optional: true,
            ..arrow("ketu-cli", "axum")
        };
        assert_eq!(found(&[behind]), Vec::<String>::new());
        assert_eq!(found(&[arrow("ketu-cli", "axum")]).len(), 1);
    }

    #[test]
    fn a_room_that_is_not_drawn_is_found() {
        let packages = ["ketu-model".to_owned(), "ketu-shed".to_owned()];
        let arrows = [arrow("ketu-shed", "ketu-model")];
        assert_eq!(
            faults(&packages, &arrows),
            [
                "ketu-shed is a room that the plan does not draw",
                "ketu-shed may not use ketu-model"
            ]
        );
    }
}
