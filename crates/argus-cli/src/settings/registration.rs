//! Registering, unregistering and finding our hook in the text of a settings file. Pure functions.
//!
//! Both edits go in small steps, each over a freshly parsed text: take out one entry that should not be there, put in one
//! part that is missing, until nothing is left to do. That keeps each step's positions simple and makes registering
//! idempotent and upgrading a special case of nothing.
//!
//! What must stay true: `unregister(register(text)) == text` wherever the text did not hold empty containers already;
//! other tools' entries keep every byte; whatever is refused is untouched. Start with [`register`].

use jsonc_parser::ast::{Array, Object, ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};

use super::document::{Document, Refusal, Splice};
use super::handler::{GUARD_NAME, HOOK_NAME, Handler, our_command};

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';
const HOOKS: &str = "hooks";
/// Far more than any file needs.
const MOST_STEPS: usize = 1_000;

/// What is to stand in a settings file.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// The events.
    pub(crate) events: Vec<String>,
    /// The entry for each of them.
    pub(crate) handler: Handler,
}

/// One entry of ours in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The event it stands under.
    pub(crate) event: String,
    /// Its command.
    pub(crate) command: String,
    /// Whether it is the entry that Argus writes, and fires for every occasion of its event.
    pub(crate) is_sound: bool,
    /// What it cannot answer does not run: `onFailure` says so.
    pub(crate) is_closed: bool,
}

/// What a settings file says about hooks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Our hook's entries.
    pub(crate) entries: Vec<Entry>,
    /// Our guard's.
    pub(crate) guards: Vec<Entry>,
    /// `disableAllHooks` is true.
    pub(crate) disables_all_hooks: bool,
    /// `allowManagedHooksOnly` or `strictPluginOnlyCustomization` is true.
    pub(crate) allows_managed_hooks_only: bool,
}

/// The text with our entry for each event of `wanted`, and no other entry of ours.
pub(crate) fn register(text: &str, wanted: &Registration) -> Result<String, Refusal> {
    edit(text, |text| next_removal(text, Some(wanted)), |text| next_addition(text, wanted))
}

/// The text without our entries.
pub(crate) fn unregister(text: &str) -> Result<String, Refusal> {
    let found = detect(text)?;
    if found.entries.is_empty() && found.guards.is_empty() {
        return Ok(text.to_owned());
    }
    edit(text, |text| next_removal(text, None), |_| Ok(None))
}

/// The registration that `text` holds, if all our entries in it are of one kind. Its events stand in the order in which
/// they are registered, whatever theirs is in the text: the layout of what is put in depends on what is there already.
pub(crate) fn registration_in(text: &str) -> Result<Option<Registration>, Refusal> {
    let entries = detect(text)?.entries;
    let Some(first) = entries.first() else { return Ok(None) };
    if entries.iter().any(|entry| entry.command != first.command || !entry.is_sound) {
        return Ok(None);
    }
    let handler = Handler::of_command(&first.command);
    let mut events: Vec<String> = entries.into_iter().map(|entry| entry.event).collect();
    events.sort_by_key(|event| super::events::place_of(event));
    Ok(Some(Registration { events, handler }))
}

/// The guard's registration in `text`, if it is one that Argus writes.
pub(super) fn guard_in(text: &str) -> Result<Option<Registration>, Refusal> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let document = Document::parse(text)?;
    let sites = list_sites(&document.root, &[GUARD_NAME])?;
    let [site] = sites.as_slice() else { return Ok(None) };
    let own = Handler::of_command(site.command);
    let handler = [own.clone(), own.closed()].into_iter().find(|handler| site.is_written_as(handler));
    Ok(handler.map(|handler| Registration { events: vec![site.event.name.as_str().into()], handler }))
}

/// What the text says about hooks; a blank text says nothing.
pub(crate) fn detect(text: &str) -> Result<Found, Refusal> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim().is_empty() {
        return Ok(Found::default());
    }
    let document = Document::parse(text)?;
    let is_true = |key| document.root.get_boolean(key).is_some_and(|flag| flag.value);
    let entries_of = |name: &str| -> Result<Vec<Entry>, Refusal> {
        let sites = list_sites(&document.root, &[name])?.into_iter();
        Ok(sites.map(|site| site.entry()).collect())
    };
    Ok(Found {
        entries: entries_of(HOOK_NAME)?,
        guards: entries_of(GUARD_NAME)?,
        disables_all_hooks: is_true("disableAllHooks"),
        allows_managed_hooks_only: is_true("allowManagedHooksOnly") || is_true("strictPluginOnlyCustomization"),
    })
}

type Step = Result<Option<String>, Refusal>;

fn edit(text: &str, removal: impl Fn(&str) -> Step, addition: impl Fn(&str) -> Step) -> Result<String, Refusal> {
    let (mark, body) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => (&text[..BYTE_ORDER_MARK.len_utf8()], body),
        None => ("", text),
    };
    // A blank file is the same as none; only an addition makes it an object.
    let mut body = if body.trim().is_empty() { "{}\n".to_owned() } else { body.to_owned() };
    for _ in 0..MOST_STEPS {
        let next = match removal(&body)? {
            Some(next) => next,
            None => match addition(&body)? {
                Some(next) => next,
                None => return Ok(format!("{mark}{body}")),
            },
        };
        body = next;
    }
    Err(Refusal::Unsettled)
}

/// Where an entry of ours stands.
struct Site<'d, 'a> {
    event: &'d ObjectProp<'a>,
    groups: &'d Array<'a>,
    group_index: usize,
    group: &'d Object<'a>,
    handlers: &'d Array<'a>,
    handler_index: usize,
    command: &'d str,
}

impl Site<'_, '_> {
    fn fires_always(&self) -> bool {
        match self.group.get("matcher").map(|matcher| &matcher.value) {
            None => true,
            Some(Value::StringLit(matcher)) => matches!(matcher.value.as_ref(), "" | "*"),
            Some(_) => false,
        }
    }

    fn entry(&self) -> Entry {
        let own = Handler::of_command(self.command);
        let is_guard = own.name() == GUARD_NAME;
        let is_plain = self.is_written_as(&own);
        let is_closed = is_guard && self.is_written_as(&own.closed());
        Entry {
            event: self.event.name.as_str().into(),
            command: self.command.into(),
            is_sound: self.fires_always() && (is_plain || is_closed),
            is_closed,
        }
    }

    fn is_written_as(&self, handler: &Handler) -> bool {
        self.handlers.elements[self.handler_index].as_object().is_some_and(|object| handler.is_written_as(object))
    }
}

fn list_sites<'d, 'a>(root: &'d Object<'a>, names: &[&str]) -> Result<Vec<Site<'d, 'a>>, Refusal> {
    let mut sites = Vec::new();
    for event in hooks_object(root)?.map_or(&[][..], |hooks| &hooks.properties) {
        // What has another type than a list of groups is not ours; it only hinders adding to it.
        let Value::Array(groups) = &event.value else { continue };
        for (group_index, group) in groups.elements.iter().enumerate() {
            let Some(group) = group.as_object() else { continue };
            let Some(handlers) = group.get_array(HOOKS) else { continue };
            for (handler_index, handler) in handlers.elements.iter().enumerate() {
                if let Some(command) = names.iter().find_map(|name| our_command(handler, name)) {
                    sites.push(Site { event, groups, group_index, group, handlers, handler_index, command });
                }
            }
        }
    }
    Ok(sites)
}

fn hooks_object<'d, 'a>(root: &'d Object<'a>) -> Result<Option<&'d Object<'a>>, Refusal> {
    match once(root, HOOKS)? {
        None => Ok(None),
        Some(ObjectProp { value: Value::Object(hooks), .. }) => Ok(Some(hooks)),
        Some(_) => Err(Refusal::WrongType { place: HOOKS.into(), wanted: "an object" }),
    }
}

/// The property `key`, which may not stand twice.
pub(super) fn once<'d, 'a>(object: &'d Object<'a>, key: &str) -> Result<Option<&'d ObjectProp<'a>>, Refusal> {
    let mut found = object.properties.iter().filter(|property| property.name.as_str() == key);
    let first = found.next();
    if found.next().is_some() {
        return Err(Refusal::Twice { key: key.into() });
    }
    Ok(first)
}

/// Takes out the first entry of ours that is not wanted as it stands.
fn next_removal(text: &str, wanted: Option<&Registration>) -> Step {
    let document = Document::parse(text)?;
    let names = wanted.map_or(vec![HOOK_NAME, GUARD_NAME], |wanted| vec![wanted.handler.name()]);
    let sites = list_sites(&document.root, &names)?;
    let mut kept: Vec<&str> = Vec::new();
    for site in &sites {
        let event = site.event.name.as_str();
        if wanted.is_some_and(|wanted| is_as_wanted(site, wanted)) && !kept.contains(&event) {
            kept.push(event);
            continue;
        }
        return Ok(Some(document.with(remove_site(&document, site)?)));
    }
    Ok(None)
}

fn is_as_wanted(site: &Site<'_, '_>, wanted: &Registration) -> bool {
    let event = site.event.name.as_str();
    site.fires_always() && wanted.events.iter().any(|wanted| wanted == event) && site.is_written_as(&wanted.handler)
}

/// Removes the entry, and each container around it that held nothing else: no other entry, no comment.
fn remove_site(document: &Document<'_>, site: &Site<'_, '_>) -> Result<Vec<Splice>, Refusal> {
    let root = &document.root;
    let Some(hooks) = hooks_object(root)? else { return Ok(Vec::new()) };
    let handler = site.handlers.elements[site.handler_index].range();
    let is_alone =
        |container: Range, count: usize, element: Range| count == 1 && !document.has_comment_around(container, element);
    let group_is_ours = is_alone(site.handlers.range, site.handlers.elements.len(), handler)
        && site.group.properties.iter().all(|property| matches!(property.name.as_str(), "matcher" | HOOKS))
        && !document.has_comment_around(site.group.range, site.handlers.range);
    if !group_is_ours {
        return Ok(document.delete(site.handlers.range, &ranges(&site.handlers.elements), site.handler_index));
    }
    if !is_alone(site.groups.range, site.groups.elements.len(), site.group.range)
        || document.has_comment_around(site.event.range, site.groups.range)
    {
        return Ok(document.delete(site.groups.range, &ranges(&site.groups.elements), site.group_index));
    }
    match once(root, HOOKS)? {
        Some(property)
            if is_alone(hooks.range, hooks.properties.len(), site.event.range)
                && !document.has_comment_around(property.range, hooks.range) =>
        {
            Ok(delete_property(document, root, property))
        }
        _ => Ok(delete_property(document, hooks, site.event)),
    }
}

pub(super) fn delete_property(document: &Document<'_>, object: &Object<'_>, property: &ObjectProp<'_>) -> Vec<Splice> {
    let places = ranges(&object.properties);
    match places.iter().position(|place| *place == property.range) {
        Some(index) => document.delete(object.range, &places, index),
        None => Vec::new(),
    }
}

/// Puts in the first part that is missing: the `hooks` object, an event's list, or the entry in it.
fn next_addition(text: &str, wanted: &Registration) -> Step {
    let document = Document::parse(text)?;
    let Some(hooks) = hooks_object(&document.root)? else {
        let root = &document.root;
        return Ok(Some(document.with(document.append(root.range, &ranges(&root.properties), r#""hooks": {}"#))));
    };
    let sites = list_sites(&document.root, &[wanted.handler.name()])?;
    for event in &wanted.events {
        if sites.iter().any(|site| site.event.name.as_str() == event) {
            continue;
        }
        let splices = match once(hooks, event)?.map(|property| &property.value) {
            None => document.append(hooks.range, &ranges(&hooks.properties), &format!(r#""{event}": []"#)),
            Some(Value::Array(groups)) => {
                document.append(groups.range, &ranges(&groups.elements), &wanted.handler.group_text())
            }
            Some(_) => return Err(Refusal::WrongType { place: format!("hooks.{event}"), wanted: "a list" }),
        };
        return Ok(Some(document.with(splices)));
    }
    Ok(None)
}

pub(super) fn ranges(nodes: &[impl Ranged]) -> Vec<Range> {
    nodes.iter().map(Ranged::range).collect()
}
