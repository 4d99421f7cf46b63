//! `argus secrets`: which secrets were masked, where they stand, and how each is replaced.

use argus_api::dto::{Secret, SecretDetails, SecretList, SecretPlace, Utc};
use argus_model::Timestamp;
use jiff::tz::TimeZone;

use super::sessions::short_id;
use super::{Format, find_session, open_reader, with_advice};
use crate::cli::SecretsArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_time, tell, visible};

/// Prints the report, or one secret with its places.
pub(super) fn run(configuration: &Configuration, arguments: &SecretsArgs, format: Format) -> Done {
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing was captured yet").hint("`argus up` starts capturing"));
    };
    let (zone, screen) = (TimeZone::system(), Screen::of_stdout());
    if let Some(named) = &arguments.fingerprint {
        // As it stands in a text, with or without what stands around it.
        let inner = named.trim_start_matches("‹secret:").trim_end_matches('›');
        let fingerprint = inner.rsplit(':').next().unwrap_or(inner);
        let details = SecretDetails::read(&reader, fingerprint).map_err(with_advice)?;
        let Some(details) = details else {
            return Err(Failure::new(format!("no secret with this fingerprint was masked: {}", visible(named)))
                .hint("`argus secrets` lists what there is"));
        };
        if format == Format::Json {
            return print_json(&details);
        }
        return print_answer(&render_details(&details, screen, &zone));
    }
    let session = arguments.session.as_deref().map(|named| find_session(&reader, named)).transpose()?;
    let list = SecretList::read(&reader, session.as_ref().map(|id| id.as_str())).map_err(with_advice)?;
    if format == Format::Json {
        return print_json(&list);
    }
    if list.secrets.is_empty() {
        tell("No secret was found in what was captured.");
    } else {
        print_answer(&render(&list.secrets, screen, &zone))?;
        tell("Values are kept nowhere. What stands here was read by the model's provider: replace it.");
        tell("`argus secrets FINGERPRINT` says where one stands, and how it is replaced.");
    }
    if !list.is_complete {
        tell("Not all texts were looked through yet: the server does that, or `argus import --search`.");
    }
    Ok(())
}

fn render(secrets: &[Secret], screen: Screen, zone: &TimeZone) -> String {
    let mut table = Table::new(&[
        ("FINGERPRINT", Align::Left),
        ("WHAT", Align::Flexible),
        ("KIND", Align::Left),
        ("SESSIONS", Align::Right),
        ("STEPS", Align::Right),
        ("FIRST SEEN", Align::Left),
        ("LAST SEEN", Align::Left),
    ]);
    for secret in secrets {
        // The same secret in several sessions has spread.
        let style = if secret.session_count > 1 { Style::Warning } else { Style::Plain };
        table.push([
            Cell::from(secret.fingerprint.clone()),
            secret.name.clone().into(),
            secret.kind.clone().into(),
            Cell::styled(secret.session_count.to_string(), style),
            secret.step_count.to_string().into(),
            moment(secret.first_seen_at.as_ref(), zone).into(),
            moment(secret.last_seen_at.as_ref(), zone).into(),
        ]);
    }
    table.render(screen)
}

fn render_details(details: &SecretDetails, screen: Screen, zone: &TimeZone) -> String {
    let secret = &details.secret;
    let head = format!("{} {} ({})", visible(&secret.name), secret.fingerprint, visible(&secret.kind));
    let mut text = format!("{}\n{}\n\n", screen.paint(&head, Style::Bold), visible(&secret.advice));
    let mut table = Table::new(&[
        ("TIME", Align::Left),
        ("SESSION", Align::Left),
        ("WHERE", Align::Left),
        ("WHAT", Align::Flexible),
    ]);
    for place in &details.places {
        table.push([
            Cell::from(moment(place.at.as_ref(), zone)),
            short_id(&place.session_id).into(),
            wherein(place).into(),
            place.summary.clone().or_else(|| place.session_title.clone()).unwrap_or_else(|| UNKNOWN.to_owned()).into(),
        ]);
    }
    text.push_str(&table.render(screen));
    text
}

fn wherein(place: &SecretPlace) -> String {
    match (&place.tool_name, &place.kind) {
        (Some(tool), _) => tool.clone(),
        (None, Some(kind)) => kind.as_str().replace('_', " "),
        (None, None) => "session".to_owned(),
    }
}

fn moment(at: Option<&Utc>, zone: &TimeZone) -> String {
    let at: Option<Timestamp> = at.map(|at| at.0);
    render_time(at, zone)
}
