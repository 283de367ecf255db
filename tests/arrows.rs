//! Which crate may depend on which, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Package → those of ours that it may depend on. `*` is every crate but the command, the tests and the examples.
const ARROWS: &[(&str, &[&str])] = &[
    ("credential-core", &[]),
    ("credential-http", &[]),
    ("credential-runtime", &["credential-core"]),
    ("credential-json", &["credential-core"]),
    ("credential-endpoint", &[]),
    ("credential-cache", &["credential-core", "credential-runtime"]),
    ("credential-sigv4", &["credential-core"]),
    ("credential-refresh", &["credential-core", "credential-runtime"]),
    ("credential-environment", &["credential-core"]),
    (
        "credential-profile",
        &["credential-core", "credential-endpoint", "credential-runtime"],
    ),
    ("credential-container", HTTP_PROVIDER),
    ("credential-instance-metadata", HTTP_PROVIDER),
    (
        "credential-sts",
        &[
            "credential-core",
            "credential-runtime",
            "credential-endpoint",
            "credential-http",
            "credential-sigv4",
        ],
    ),
    (
        "credential-process",
        &["credential-core", "credential-runtime", "credential-json"],
    ),
    ("credential-sso", SIGNED_IN),
    ("credential-login", SIGNED_IN),
    ("credential-chain", &["*"]),
    ("credential-cli", &["credential-chain"]),
    ("mock-imds", &["credential-sigv4"]),
    ("tests-support", &["credential-core"]),
    ("tests", &[]),
    (
        "examples",
        &[
            "credential-chain",
            "credential-core",
            "credential-environment",
            "credential-instance-metadata",
            "mock-imds",
            "tests-support",
        ],
    ),
];

const SIGNED_IN: &[&str] = &[
    "credential-core",
    "credential-runtime",
    "credential-endpoint",
    "credential-cache",
    "credential-http",
];

const HTTP_PROVIDER: &[&str] = &[
    "credential-core",
    "credential-runtime",
    "credential-http",
    "credential-json",
];

/// Outside crate → the only packages that may name it, as what they are built of.
const DOORS: &[(&str, &[&str])] = &[
    ("hyper", &["credential-http", "mock-imds"]),
    ("hyper-rustls", &["credential-http"]),
    ("rustls", &["credential-http"]),
    ("rustls-native-certs", &["credential-http"]),
    ("roxmltree", &["credential-sts", "examples"]),
    ("home", &["credential-core"]),
    ("zeroize", &["credential-core"]),
    ("hmac", &["credential-sigv4"]),
    (
        "sha2",
        &["credential-sigv4", "credential-sso", "credential-login"],
    ),
    ("sha1", &["credential-sso", "credential-cli"]),
    ("ring", &["mock-imds"]),
];

struct Manifest {
    folder: PathBuf,
    name: String,
    dependencies: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn manifests() -> Vec<Manifest> {
    let root = root();
    let mut folders: Vec<PathBuf> = [
        "credential-sts",
        "credential-chain",
        "mock-imds",
        "examples",
        "tests",
        "tests/support",
    ]
    .iter()
    .map(|folder| root.join(folder))
    .collect();
    for entry in std::fs::read_dir(root.join("credential")).unwrap() {
        folders.push(entry.unwrap().path());
    }
    folders
        .into_iter()
        .map(|folder| {
            let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            let mut section = "";
            let mut name = String::new();
            let mut dependencies = BTreeSet::new();
            for line in text.lines().map(str::trim) {
                if let Some(header) = line.strip_prefix('[') {
                    section = header.trim_end_matches(']');
                    if let Some(dependency) = section.strip_prefix("dependencies.") {
                        dependencies.insert(dependency.to_owned());
                    }
                } else if section == "package" && line.starts_with("name = ") {
                    name = line.trim_start_matches("name = ").trim_matches('"').to_owned();
                } else if section == "dependencies"
                    || (section.starts_with("target.") && section.ends_with(".dependencies"))
                {
                    let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
                    if !dependency.is_empty() && !dependency.starts_with('#') {
                        dependencies.insert(dependency.to_owned());
                    }
                }
            }
            Manifest {
                folder,
                name,
                dependencies,
            }
        })
        .collect()
}

fn is_ours(name: &str) -> bool {
    name.starts_with("credential-") || ["mock-imds", "tests-support", "tests", "examples"].contains(&name)
}

#[test]
fn every_arrow_between_our_crates_is_one_that_the_house_allows() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for manifest in manifests() {
        let Some(may) = allowed.get(manifest.name.as_str()) else {
            wrong.push(format!("{} stands in no row of ARROWS", manifest.name));
            continue;
        };
        for dependency in manifest.dependencies.iter().filter(|name| is_ours(name)) {
            let any =
                may.contains(&"*") && dependency.starts_with("credential-") && dependency != "credential-cli";
            if !any && !may.contains(&dependency.as_str()) {
                wrong.push(format!("{} → {dependency}", manifest.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_outside_crate_has_one_door() {
    let mut wrong = Vec::new();
    for manifest in manifests() {
        for (outside, doors) in DOORS {
            if manifest.dependencies.contains(*outside) && !doors.contains(&manifest.name.as_str()) {
                wrong.push(format!("{} → {outside}", manifest.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_has_no_runtime_and_no_network() {
    let core = manifests()
        .into_iter()
        .find(|manifest| manifest.name == "credential-core")
        .unwrap();
    let allowed: BTreeSet<String> = ["home", "snafu", "time", "zeroize"].map(str::to_owned).into();
    assert_eq!(core.dependencies, allowed);
}

#[test]
fn a_package_is_named_after_its_folder() {
    for manifest in manifests() {
        let path = manifest.folder.strip_prefix(root()).unwrap().to_owned();
        let name = path
            .components()
            .map(|part| part.as_os_str().to_str().unwrap())
            .collect::<Vec<_>>()
            .join("-");
        assert_eq!(manifest.name, name);
    }
}

#[test]
fn every_crate_has_a_page_that_says_what_it_is() {
    for manifest in manifests()
        .iter()
        .filter(|manifest| !["examples", "tests", "tests-support"].contains(&&*manifest.name))
    {
        let begins = if manifest.name == "credential-cli" {
            "src/main.rs"
        } else {
            "src/lib.rs"
        };
        for file in ["README.md", begins] {
            assert!(
                manifest.folder.join(file).is_file(),
                "{} lacks {file}",
                manifest.name
            );
        }
    }
}

#[test]
fn a_workspace_manifest_names_each_version_once() {
    for manifest in manifests() {
        let text = std::fs::read_to_string(manifest.folder.join("Cargo.toml")).unwrap();
        let inherited = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for line in inherited.filter(|line| line.contains("version")) {
            assert_eq!(
                line.trim(),
                if line.contains("rust") {
                    "rust-version.workspace = true"
                } else {
                    "version.workspace = true"
                },
                "{}",
                manifest.name
            );
        }
    }
}
