//! Writes the right forms of the catalogue `docs/compile-errors.md` as modules of one file, which the tests include.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

#[path = "tests/catalogue.rs"]
mod catalogue;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../docs/compile-errors.md");
    println!("cargo::rerun-if-changed=tests/ui");
    let mut program = String::new();
    let mut titles = Vec::new();
    for (number, entry) in catalogue::catalogue().into_iter().enumerate() {
        writeln!(program, "/// {}\nmod right_{number} {{\n{}}}\n", entry.title, entry.right_form())?;
        titles.push(entry.title);
    }
    writeln!(program, "const RIGHT_FORMS: &[&str] = &{titles:?};")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("right_forms.rs"), program)?;
    Ok(())
}
