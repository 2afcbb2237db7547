//! Reads tauri.conf.json at the root, gives each own command a permission, and embeds the icons.

/// The commands the page may be allowed; src/commands.rs implements them, capabilities/window.json grants them.
const COMMANDS: &[&str] = &[
    "call",
    "pick_file",
    "pick_save",
    "open_link",
    "reveal_file",
    "hide_window",
    "quit",
];

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=ui/dist");
    // The page is embedded from ui/dist. An absent folder would stop every build of the workspace, also of those
    // who only lint or test; an empty one embeds nothing, and `cargo xtask` builds the page before the window.
    std::fs::create_dir_all("ui/dist").expect("the project folder is writable");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).expect("tauri.conf.json and capabilities are valid");
}
