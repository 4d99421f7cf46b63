//! `argus db`: care for the database.

use super::{Format, open_reader, with_advice};
use crate::cli::DbCommand;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{print_answer, print_json, visible};

/// Prints where it is, or what is wrong with it.
pub(super) fn run(configuration: &Configuration, command: &DbCommand, format: Format) -> Done {
    let path = configuration.data.database();
    match (command, format) {
        (DbCommand::Path, Format::Json) => print_json(&serde_json::json!({ "path": path })),
        (DbCommand::Path, Format::Text) => print_answer(&format!("{}\n", path.display())),
        (DbCommand::Check, _) => {
            let Some(reader) = open_reader(configuration)? else {
                return Err(Failure::new("there is no database yet").hint("`argus up` or `argus import` makes one"));
            };
            let problems = reader.check().map_err(with_advice)?;
            match format {
                Format::Json => {
                    print_json(&serde_json::json!({ "is_sound": problems.is_empty(), "problems": problems }))?;
                }
                Format::Text if problems.is_empty() => print_answer("The database is sound.\n")?,
                Format::Text => {
                    print_answer(
                        &problems.iter().map(|problem| format!("{}\n", visible(problem))).collect::<String>(),
                    )?;
                }
            }
            if problems.is_empty() {
                return Ok(());
            }
            Err(Failure::new("the database is damaged").hint(
                "stop the server, move the database aside and run `argus import`: it is made anew from the transcripts",
            ))
        }
    }
}
