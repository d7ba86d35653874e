//! The environment over the file: `NIGHTBELL__SECTION__KEY=value`, and `NIGHTBELL__SECTION__KEY_FILE=path` for a file
//! that holds the value. Lists of tables are addressed by the `name` or `id` of the entry.

use super::{Config, ConfigError};
use toml::{Table, Value};

const PREFIX: &str = "NIGHTBELL__";

/// Lays the environment over the text; `None` when it sets nothing.
pub fn apply(text: &str, env: impl Iterator<Item = (String, String)>) -> Result<Option<Config>, ConfigError> {
    let mut vars: Vec<(String, String)> = env.filter(|(k, _)| k.starts_with(PREFIX)).collect();
    if vars.is_empty() {
        return Ok(None);
    }
    vars.sort();
    let mut table: Table = toml::from_str(text).unwrap_or_default();
    for (var, value) in vars {
        let fail = |why: String| ConfigError::Variable { var: var.clone(), why };
        let path = var[PREFIX.len()..].to_lowercase();
        let (path, value) = match path.strip_suffix("_file") {
            Some(p) => {
                let text = std::fs::read_to_string(&value).map_err(|e| fail(format!("cannot read {value}: {e}")))?;
                (p.to_owned(), text.trim_end().to_owned())
            }
            None => (path, value),
        };
        let keys: Vec<&str> = path.split("__").collect();
        set(&mut table, &keys, scalar(&value)).map_err(fail)?;
        // Read back at once, so that the variable to blame is known.
        let whole = toml::to_string(&table).map_err(|e| fail(e.to_string()))?;
        toml::from_str::<Config>(&whole).map_err(|e| fail(e.message().to_owned()))?;
    }
    let whole = toml::to_string(&table).unwrap_or_default();
    Ok(toml::from_str(&whole).ok())
}

fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        t => t.parse::<i64>().map_or_else(|_| Value::String(t.to_owned()), Value::Integer),
    }
}

fn set(table: &mut Table, keys: &[&str], value: Value) -> Result<(), String> {
    let (first, rest) = keys.split_first().ok_or("no key")?;
    if rest.is_empty() {
        table.insert((*first).to_owned(), value);
        return Ok(());
    }
    match table.entry((*first).to_owned()).or_insert_with(|| Value::Table(Table::new())) {
        Value::Table(t) => set(t, rest, value),
        Value::Array(items) => {
            let (name, rest) = rest.split_first().ok_or("name the entry of the list")?;
            let entry = items.iter_mut().filter_map(Value::as_table_mut).find(|t| {
                ["name", "id"]
                    .iter()
                    .any(|k| t.get(*k).and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name)))
            });
            match entry {
                Some(t) if !rest.is_empty() => set(t, rest, value),
                _ => Err(format!("there is no `{name}` in `{first}`")),
            }
        }
        _ => Err(format!("`{first}` is a single value")),
    }
}
