//! The program accepts every command that the documents show.

use std::path::Path;

use crate::support::Folder;

/// The ways in which the documents call the program.
const PROGRAMS: [&str; 3] = [
    "facekey ",
    "cargo run --features native -- ",
    "cargo run --release --features native -- ",
];

/// The commands in a document's indented code blocks, without comments. A backslash at the end of a
/// line continues the command on the next line.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let code = text.lines().filter_map(|line| line.strip_prefix("    "));
    code.filter_map(|line| {
        let command = PROGRAMS
            .iter()
            .find_map(|program| line.strip_prefix(program))?;
        Some(command.split(" #").next().unwrap_or_default().to_string())
    })
    .collect()
}

#[test]
fn commands_of_the_documents_are_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let mut count = 0;
    for name in ["README.md", "CONTRIBUTING.md", "docs/training.md"] {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        for command in commands(&text) {
            // The parser shows the help only if it accepts all arguments before `--help`.
            let output = folder.run(&format!("{command} --help"));
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{name}: {command}: {error}");
            count += 1;
        }
    }
    assert!(count > 8, "only {count} commands were found");
}
