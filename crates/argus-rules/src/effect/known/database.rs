//! Databases: statements and commands that delete what they hold.

use super::{Broken, Told, begins};
use crate::shell::{Script, Simple, Word};

const CLIENTS: &[&str] = &[
    "psql",
    "mysql",
    "mariadb",
    "sqlite3",
    "sqlcmd",
    "mssql-cli",
    "pgcli",
    "mycli",
    "litecli",
    "cockroach",
    "clickhouse-client",
    "clickhouse",
    "duckdb",
    "sqlplus",
    "snowsql",
    "bq",
    "cqlsh",
    "usql",
    "trino",
    "presto",
    "spark-sql",
    "hive",
    "turso",
    "wrangler",
    "d1",
    "supabase",
    "neonctl",
    "isql",
    "db2",
];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if let Some(reason) = destroys(told) {
        out.push(("db.destructive", reason));
    }
}

/// Programs that take down what migrations or people made, by the verbs that say so.
const UNDOES: &[(&[&str], &[&[&str]])] = &[
    (&["prisma"], &[&["migrate", "reset"]]),
    (
        &["sequelize", "sequelize-cli", "rails", "rake", "bundle", "mix", "typeorm", "mikro-orm", "knex", "knex-cli"],
        &[
            &["db:drop"],
            &["db:reset"],
            &["db:purge"],
            &["db:drop:all"],
            &["db:migrate:reset"],
            &["db:schema:load"],
            &["db:migrate:undo:all"],
            &["ecto.drop"],
            &["ecto.reset"],
            &["schema:drop"],
            &["schema:fresh"],
        ],
    ),
    (
        &["php", "artisan", "symfony"],
        &[
            &["migrate:fresh"],
            &["migrate:reset"],
            &["migrate:refresh"],
            &["db:wipe"],
            &["doctrine:database:drop"],
            &["doctrine:schema:drop"],
        ],
    ),
    (&["drizzle-kit", "mysqladmin"], &[&["drop"]]),
    (&["supabase"], &[&["db", "reset"]]),
    (&["flyway"], &[&["clean"]]),
    (&["alembic"], &[&["downgrade", "base"]]),
    (&["etcdctl"], &[&["del"]]),
    (&["influx"], &[&["bucket", "delete"], &["delete"]]),
    (&["atlas"], &[&["schema", "clean"]]),
    (&["goose"], &[&["reset"], &["down-to", "0"]]),
    (&["migrate", "dbmate"], &[&["drop"]]),
    (&["rabbitmqctl"], &[&["reset"], &["force_reset"], &["delete_vhost"], &["delete_queue"], &["purge_queue"]]),
    (&["rabbitmqadmin"], &[&["delete"], &["purge"]]),
    (&["diesel", "sqlx", "edgedb", "gel"], &[&["database", "reset"], &["database", "drop"], &["database", "wipe"]]),
    (&["sea-orm-cli", "sea"], &[&["migrate", "fresh"], &["migrate", "reset"], &["migrate", "refresh"]]),
    (&["flask"], &[&["db", "downgrade", "base"]]),
    (&["dotnet", "dotnet-ef"], &[&["ef", "database", "drop"], &["database", "drop"]]),
    (&["couchbase-cli"], &[&["bucket-delete"], &["bucket-flush"]]),
    (&["turso"], &[&["db", "destroy"]]),
    (&["nats"], &[&["stream", "rm"], &["stream", "purge"], &["kv", "rm"]]),
    (&["rpk"], &[&["topic", "delete"]]),
    (&["pulsar-admin"], &[&["topics", "delete"], &["namespaces", "delete"], &["tenants", "delete"]]),
    (&["zkCli.sh", "zkcli"], &[&["deleteall"], &["rmr"]]),
    (&["wp"], &[&["db", "reset"], &["db", "drop"], &["db", "clean"]]),
    (&["drush"], &[&["sql-drop"], &["sql:drop"]]),
    (&["hasura"], &[&["database", "drop"]]),
    (&["convex"], &[&["import", "--replace"]]),
];

/// The verbs stand there in this order, one after the other.
fn undoes(told: &Told<'_>) -> bool {
    let verbs =
        told.verbs(&["--endpoints", "-n", "--host", "-p", "--path", "-d", "--dir", "--database", "-u", "--url"]);
    let says = |wanted: &&[&str]| verbs.windows(wanted.len()).any(|words| words == *wanted);
    let known = UNDOES.iter().filter(|(names, _)| names.contains(&told.name));
    known.flat_map(|(_, all)| all.iter()).any(says)
        || told.name.starts_with("kafka-") && told.has(&["--delete"])
        || told.name == "drizzle-kit" && begins(&verbs, &["push"]) && told.flag("", &["force"])
}

fn destroys(told: &Told<'_>) -> Option<String> {
    if undoes(told) {
        return Some("What is kept there is deleted.".to_owned());
    }
    let verbs = told.verbs(&["-h", "-p", "-U", "-u", "-n", "-a", "--host", "--port", "-P", "-d", "--url"]);
    let is_lost = |what: &str| Some(format!("{what} is deleted."));
    if CLIENTS.contains(&told.name) {
        // What stands in place of a file is read too.
        let held = told.command.operands().iter().filter_map(Word::content).filter_map(Word::literal);
        let text = told.args.iter().map(|arg| arg.as_str().into()).chain(held).collect::<Vec<_>>().join(" ");
        let fed: String = told.command.stdin.as_ref().and_then(Word::literal).map(Into::into).unwrap_or_default();
        if let Some(what) = sql(&text).or_else(|| sql(&fed)) {
            return is_lost(what);
        }
    }
    match told.name {
        "redis-cli" | "valkey-cli" | "keydb-cli" => {
            let has = |word: &str| told.args.iter().any(|arg| arg.eq_ignore_ascii_case(word));
            // Each key that was listed before.
            let is_each = told.command.context.via.iter().any(|via| via == "xargs" || via == "parallel");
            let is_all = has("flushall") || has("flushdb") || is_each && (has("del") || has("unlink"));
            if is_all { is_lost("Everything in the store") } else { None }
        }
        "mongosh" | "mongo" => {
            let is_all = told.line().contains("deletemany({})") || told.line().contains(".remove({})");
            let is_drop = told.line().contains("dropdatabase(")
                || told.line().contains(".drop(")
                || told.line().contains("dropcollection(");
            if is_all || is_drop { is_lost("A database or a collection") } else { None }
        }
        "mongorestore" if told.flag("", &["drop"]) => is_lost("Each collection that is restored"),
        "dropdb" | "dropuser" => is_lost("The database"),
        "pg_restore" if told.flag("c", &["clean"]) => is_lost("Each object that is restored"),
        "prisma" if begins(&verbs, &["db", "push"]) && told.flag("", &["force-reset"]) => is_lost("The database"),
        "knex" | "knex-cli" if begins(&verbs, &["migrate:rollback"]) && told.flag("", &["all"]) => {
            is_lost("The database")
        }
        "python" | "python3" | "manage.py" | "django-admin" | "uv" | "poetry" => {
            if verbs.contains(&"flush")
                && (told.line().contains("manage.py") || told.name != "python3")
                && (told.name.starts_with("python") || told.name == "manage.py" || told.name == "django-admin")
                || verbs.contains(&"reset_db")
            {
                is_lost("Everything in the database")
            } else {
                None
            }
        }
        "dynamodb" | "liquibase" if told.line().contains("drop-all") || told.line().contains("dropall") => {
            is_lost("Everything in the database")
        }
        _ => None,
    }
}

/// Statements that one client makes and another one runs: what stands there as text is code at the end of the pipe.
pub(super) fn across(script: &Script) -> Vec<(&Simple, Broken)> {
    let mut out = run_from_files(script);
    let is_client = |command: &&Simple| CLIENTS.contains(&command.name.as_str());
    let makes = |command: &Simple| {
        let text = command.arguments().join(" ").to_ascii_lowercase();
        ["drop table", "drop schema", "drop database", "truncate ", "delete from"]
            .iter()
            .any(|verb| text.contains(verb))
    };
    let mut made = false;
    for command in script.commands.iter().filter(is_client) {
        if made && command.stdin.as_ref().is_some_and(|fed| fed.literal().is_none()) {
            out.push((
                command,
                ("db.destructive", "What another statement puts together is run, and deletes.".to_owned()),
            ));
        }
        made |= makes(command);
    }
    out
}

/// A file of statements that the same command line wrote.
fn run_from_files(script: &Script) -> Vec<(&Simple, Broken)> {
    let deletes = |command: &&Simple| {
        let named = command.arguments().iter().map(|arg| arg.trim_start_matches("./").trim_start_matches("-f"));
        let mut files = named.filter(|name| !name.is_empty()).filter_map(|name| {
            script.files.iter().find(|(path, _)| {
                path.strip_suffix(name).is_some_and(|before| before.ends_with('/') || before.is_empty())
            })
        });
        files.any(|(_, held)| held.literal().is_some_and(|text| sql(&text).is_some()))
    };
    let clients = script.commands.iter().filter(|command| CLIENTS.contains(&command.name.as_str()));
    let broken =
        |command| (command, ("db.destructive", "A statement in the file that it is given deletes.".to_owned()));
    if script.files.is_empty() { Vec::new() } else { clients.filter(deletes).map(broken).collect() }
}

/// What a statement deletes. Statements are told apart by `;`; texts in quotes and remarks are data.
pub(crate) fn sql(text: &str) -> Option<&'static str> {
    let plain = without_texts(text);
    plain.split([';', '\n']).find_map(|statement| {
        let words: Vec<&str> =
            statement.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        let at = |word: &str| words.iter().position(|known| *known == word);
        // A plan is only shown.
        if at("explain").is_some() && at("analyze").is_none() && at("analyse").is_none() {
            return None;
        }
        if let Some(drop) = at("drop") {
            let what = words.get(drop + 1).copied().unwrap_or_default();
            let is_column =
                words[..drop].contains(&"alter") && matches!(what, "constraint" | "default" | "not" | "index");
            match what {
                "table" => return Some("A table"),
                "database" | "schema" | "keyspace" | "owned" => return Some("A database"),
                "column" => return Some("A column"),
                "collection" | "tablespace" => return Some("A table"),
                _ if is_column => {}
                _ => {}
            }
        }
        if let Some(truncate) = at("truncate") {
            let is_call = words.get(truncate + 1).is_some_and(|next| next.chars().all(|c| c.is_ascii_digit()));
            let is_begun = truncate == 0 || !matches!(words[truncate - 1], "select" | "round");
            if !is_call && is_begun && words.len() > truncate + 1 {
                return Some("All that a table holds");
            }
        }
        let deletes = at("delete").filter(|delete| words.get(delete + 1) == Some(&"from"));
        (deletes.is_some() && at("where").is_none()).then_some("All that a table holds")
    })
}

/// Small letters, without remarks and without what stands in single quotes.
fn without_texts(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("--").filter(|after| after.starts_with([' ', '-'])) {
            rest = after.find('\n').map_or("", |end| &after[end..]);
        } else if let Some(after) = rest.strip_prefix("/*") {
            rest = after.find("*/").map_or("", |end| &after[end + 2..]);
        } else if c == '\'' {
            let after = &rest[1..];
            rest = after.find('\'').map_or("", |end| &after[end + 1..]);
            out.push(' ');
        } else {
            out.push(c.to_ascii_lowercase());
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::sql;

    #[test]
    fn statements_that_delete_are_told_from_those_that_speak_of_it() {
        for text in [
            "DROP TABLE users",
            "select 1; truncate orders",
            "delete from sessions",
            "DELETE FROM a -- where x",
            "drop schema public cascade",
            "explain analyze delete from events",
        ] {
            assert!(sql(text).is_some(), "{text}");
        }
        for text in [
            "select 'drop table users'",
            "delete from sessions where id = 3",
            "-- drop table x",
            "select truncate(1.5, 1)",
            "alter table a drop constraint b",
            "select * from dropped",
            "/* truncate a */ select 1",
            "explain delete from events",
        ] {
            assert!(sql(text).is_none(), "{text}");
        }
    }
}
