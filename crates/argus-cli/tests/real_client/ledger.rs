//! The ground truth: what the stand-in for the API answered, request by request.
//!
//! Every token total a test asserts comes from here and never from a transcript, which is one of the things under test.
//! What must stay true: an entry is written before the first byte of its answer, so nothing the client can have seen is
//! missing.
//!
//! Start at [`Entry`].

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Why the client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A turn of a scripted conversation.
    Main,
    /// A request with tools but without a conversation.
    Fallback,
    /// A request without tools: titles, summaries, classifiers. In no transcript.
    Side,
    /// The compaction request. In no transcript.
    Compact,
}

/// Token counts of a request, or a sum of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, more: Self) {
        self.input += more.input;
        self.output += more.output;
        self.cache_read += more.cache_read;
        self.cache_write_5m += more.cache_write_5m;
        self.cache_write_1h += more.cache_write_1h;
    }
}

/// What the API said in reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A whole message.
    Message { message_id: String, model: String, tokens: Tokens },
    /// A message whose stream broke off, scripted or because the client went away.
    Broken { message_id: String },
    /// An HTTP error.
    Status(u16),
}

/// One request and its reply.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) conversation: String,
    pub(crate) turn: usize,
    pub(crate) session_id: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) parent_agent_id: Option<String>,
    pub(crate) tool_calls: Vec<String>,
    pub(crate) reply: Reply,
}

/// Requests and tokens of a model or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) requests: u64,
    pub(crate) tokens: Tokens,
}

/// All entries up to now, in the order of their requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
}

impl Entry {
    /// The id of the message, whole or broken.
    pub(crate) fn message_id(&self) -> Option<&str> {
        match &self.reply {
            Reply::Message { message_id, .. } | Reply::Broken { message_id } => Some(message_id),
            Reply::Status(_) => None,
        }
    }

    /// True when the client keeps no transcript of such a request, whatever happens.
    pub(crate) fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Side | Kind::Compact)
    }
}

impl Ledger {
    /// The whole answers that a transcript must hold: everything but hidden, broken and refused requests.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_hidden() && matches!(entry.reply, Reply::Message { .. }))
    }

    /// Sums of [`Self::kept`] by model.
    pub(crate) fn by_model(&self) -> BTreeMap<String, Sum> {
        self.sums(|_| true)
    }

    /// Sums of [`Self::kept`] by model, for the requests of one session.
    pub(crate) fn of_session(&self, session_id: &str) -> BTreeMap<String, Sum> {
        self.sums(|entry| entry.session_id.as_deref() == Some(session_id))
    }

    /// The sum over all models of [`Self::kept`] for the conversations named.
    pub(crate) fn of_conversations(&self, names: &[&str]) -> Sum {
        total(&self.sums(|entry| names.contains(&entry.conversation.as_str())))
    }

    /// What was asked, without order or ids: the same for two runs that behaved the same.
    pub(crate) fn shape(&self) -> Vec<(Kind, String, usize)> {
        let mut shape: Vec<_> =
            self.entries.iter().map(|entry| (entry.kind, entry.conversation.clone(), entry.turn)).collect();
        shape.sort();
        shape
    }

    /// How many tool calls the model asked for.
    pub(crate) fn tool_call_count(&self) -> usize {
        self.kept().map(|entry| entry.tool_calls.len()).sum()
    }

    fn sums(&self, wanted: impl Fn(&Entry) -> bool) -> BTreeMap<String, Sum> {
        let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
        for entry in self.kept().filter(|entry| wanted(entry)) {
            if let Reply::Message { model, tokens, .. } = &entry.reply {
                let sum = sums.entry(model.clone()).or_default();
                sum.requests += 1;
                sum.tokens += *tokens;
            }
        }
        sums
    }
}

/// All models together.
pub(crate) fn total(by_model: &BTreeMap<String, Sum>) -> Sum {
    by_model.values().fold(Sum::default(), |mut all, sum| {
        all.requests += sum.requests;
        all.tokens += sum.tokens;
        all
    })
}
