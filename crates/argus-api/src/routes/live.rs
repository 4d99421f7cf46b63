//! Changes as they are committed, as server-sent events.
//!
//! A change goes out at once; what follows within 5 ms is told together. A stream that falls behind is told to load
//! everything anew instead of being queued for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use argus_model::SessionId;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use crate::changes::Change;
use crate::dto::{Alert, Changed, Hello, OpenAlerts, Resync};
use crate::error::{ApiError, ErrorBody};

use super::Site;

/// The shortest time between two events of one stream.
const PAUSE: Duration = Duration::from_millis(5);

/// A sign of life on an idle stream.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// More sessions than this in one event, and loading everything is cheaper.
const MAX_IDS: usize = 200;

/// Most alerts that one event tells of, the newest; the feed has them all.
const MAX_ALERTS: i64 = 50;

/// Events that wait for the socket.
const WAITING_EVENTS: usize = 4;

/// Changes as they are committed: `hello` with the server's instance, then `change` with session ids, `alerts` where alerts
/// were raised, too, or `resync`.
#[utoipa::path(
    get, path = "/api/v1/live", tag = "capture",
    responses(
        (status = 200, content_type = "text/event-stream", body = String,
         description = "`hello` (Hello), `change` and `alerts` (Changed), `resync` (Resync), and comments as heartbeat"),
        (status = 503, body = ErrorBody, description = "Too many streams"),
    )
)]
pub(super) async fn watch_changes(State(site): State<Arc<Site>>) -> Result<impl IntoResponse, ApiError> {
    let Ok(slot) = Arc::clone(&site.streams).try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            "too many live streams are open",
        )
        .hint("close some tabs of the dashboard"));
    };
    let (sender, events) = mpsc::channel(WAITING_EVENTS);
    tokio::spawn(async move {
        let changes = site.changes.watch();
        let hello = Hello { instance: site.instance.clone(), seq: site.changes.seq() };
        let mut closing = site.closing.clone();
        tokio::select! {
            () = tell(&site, hello, changes, &sender) => {}
            () = sender.closed() => {}
            () = told_to_close(&mut closing) => {}
        }
        drop(slot);
    });
    Ok(Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

async fn told_to_close(closing: &mut watch::Receiver<bool>) {
    // An error means that the server is gone already.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// Speaks until nobody listens.
async fn tell(site: &Site, hello: Hello, mut changes: Receiver<Change>, sender: &Sender) {
    let mut news = News::new(hello.seq);
    let mut alert_no = site.ask(|reader| reader.last_alert_no()).await.unwrap_or(i64::MAX);
    let mut may_speak_at = Instant::now();
    if sender.send(Ok(event("hello", &hello))).await.is_err() {
        return;
    }
    loop {
        let change = changes.recv().await;
        if !news.take(change) {
            return;
        }
        while let Ok(change) = tokio::time::timeout_at(may_speak_at, changes.recv()).await {
            if !news.take(change) {
                return;
            }
        }
        let raised = raised_since(site, &mut alert_no).await;
        if sender.send(Ok(news.tell(raised))).await.is_err() {
            return;
        }
        may_speak_at = Instant::now() + PAUSE;
    }
}

/// What was noticed since the last look, if anything was: of it, the alerts worth a word. History is not worth one: it is
/// kept, and nobody is called.
async fn raised_since(site: &Site, alert_no: &mut i64) -> Option<Raised> {
    let (after, now) = (*alert_no, site.now());
    let look = move |reader: &argus_store::Reader| {
        let (news, last) = reader.list_news(after, MAX_ALERTS, now)?;
        let open = if last > after { Some(reader.count_open_alerts(now)?) } else { None };
        Ok((news, last, open))
    };
    let (news, last, open) = site.ask(look).await.ok()?;
    *alert_no = last;
    Some(Raised { alerts: news.into_iter().map(Alert::from).collect(), open: open?.into() })
}

/// Alerts that were raised, and how many are open then.
struct Raised {
    alerts: Vec<Alert>,
    open: OpenAlerts,
}

/// What is to be told next.
struct News {
    session_ids: Vec<SessionId>,
    is_everything: bool,
    seq: u64,
}

impl News {
    fn new(seq: u64) -> Self {
        Self { session_ids: Vec::new(), is_everything: false, seq }
    }

    /// Takes a change in; false when there will never be another.
    fn take(&mut self, change: Result<Change, RecvError>) -> bool {
        match change {
            Ok(change) => {
                self.seq = self.seq.max(change.seq);
                for id in change.session_ids.iter() {
                    if self.session_ids.len() < MAX_IDS && !self.session_ids.contains(id) {
                        self.session_ids.push(id.clone());
                    }
                }
                self.is_everything |= self.session_ids.len() >= MAX_IDS;
                true
            }
            Err(RecvError::Lagged(_)) => {
                self.is_everything = true;
                true
            }
            Err(RecvError::Closed) => false,
        }
    }

    /// The event, and a clean slate.
    fn tell(&mut self, raised: Option<Raised>) -> Event {
        let session_ids = std::mem::take(&mut self.session_ids);
        if std::mem::take(&mut self.is_everything) {
            return event("resync", &Resync { seq: self.seq });
        }
        let session_ids = session_ids.iter().map(ToString::to_string).collect();
        let name = if raised.is_some() { "alerts" } else { "change" };
        let open = raised.as_ref().map(|raised| raised.open);
        let raised = raised.map(|raised| raised.alerts).unwrap_or_default();
        event(name, &Changed { session_ids, raised, open, seq: self.seq })
    }
}

fn event(name: &str, said: &impl Serialize) -> Event {
    // JSON has no line breaks outside its strings, and escapes those inside.
    Event::default().event(name).data(serde_json::to_string(said).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(seq: u64, ids: &[&str]) -> Result<Change, RecvError> {
        Ok(Change { seq, session_ids: ids.iter().map(|id| SessionId::from(*id)).collect() })
    }

    #[test]
    fn a_burst_is_told_once_with_each_session_once() {
        let mut news = News::new(0);
        assert!(news.take(change(1, &["a", "b"])) && news.take(change(2, &["b", "c"])));
        let said = format!("{:?}", news.tell(None));
        assert!(said.contains(r#"[\"a\",\"b\",\"c\"],\"raised\":[],\"open\":null,\"seq\":2"#), "{said}");
        assert!(news.session_ids.is_empty());
    }

    #[test]
    fn who_falls_behind_is_told_to_load_everything() {
        let mut news = News::new(0);
        news.take(change(1, &["a"]));
        news.take(Err(RecvError::Lagged(7)));
        assert!(format!("{:?}", news.tell(None)).contains("resync"));
        news.take(change(9, &["b"]));
        assert!(format!("{:?}", news.tell(None)).contains("change"));
        assert!(!news.take(Err(RecvError::Closed)));
    }

    #[test]
    fn an_import_of_many_sessions_is_told_as_everything() {
        let ids: Vec<String> = (0..MAX_IDS).map(|i| i.to_string()).collect();
        let mut news = News::new(0);
        news.take(change(1, &ids.iter().map(String::as_str).collect::<Vec<_>>()));
        assert!(format!("{:?}", news.tell(None)).contains("resync"));
    }
}
