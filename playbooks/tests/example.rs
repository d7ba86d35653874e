//! The specification's own example runs as it stands.

use nightbell_playbooks::{Library, builtin, testing};

#[test]
fn the_example_of_the_specification_passes() {
    let mut library = Library::new(builtin::manifests());
    let text = include_str!("data/was-this-you.yaml");
    if let Err(found) = library.add("was-this-you.yaml", text) {
        panic!("{}", found.iter().map(|f| f.render(text)).collect::<String>());
    }
    let results = testing::run_file(&library, "was-this-you.test.yaml", include_str!("data/was-this-you.test.yaml"));
    for r in &results {
        assert!(r.ok, "{}: {}\n{}", r.case, r.message, r.transcript);
    }
    assert_eq!(results.len(), 9);
}
