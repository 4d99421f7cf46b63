//! What others ask of the one thread that writes: each waits for its turn, which comes between two transactions.

use std::sync::PoisonError;

use argus_model::{AlertAction, AlertScope, CareOrder, Timestamp};
use crossbeam_channel::bounded;

use super::{OnChange, Order, PATIENCE, Pipeline, Wake};
use crate::care::CareProgress;
use crate::engine::{Engine, Watched};
use crate::error::{IngestError, Result};
use crate::import::IngestSettings;

impl Pipeline {
    /// Keeps what a person said about alerts; how many it was about. Waits for its turn, which comes between two
    /// transactions even while history is imported.
    pub fn act_on_alerts(&self, scope: AlertScope, action: AlertAction) -> Result<usize> {
        self.order(move |engine, on_change| {
            let acted = engine.writer.act_on_alerts(&scope, &action)?;
            if !acted.session_ids.is_empty() {
                on_change(&acted.session_ids);
            }
            Ok(acted.count)
        })
    }

    /// Goes by other settings from now on, and reads what they let in.
    pub fn take_over(&self, settings: IngestSettings) -> Result<()> {
        self.order(move |engine, _| {
            engine.take_over(&settings);
            engine.redefine_budgets(&settings)
        })?;
        self.rescan();
        Ok(())
    }

    /// Notes what was seen of all that watches. What was in its place and is no more is told of.
    pub fn note_watched(&self, seen: Watched) -> Result<()> {
        self.order(move |engine, on_change| {
            let touched = engine.note_watched(&seen)?;
            if !touched.is_empty() {
                on_change(&touched);
            }
            Ok(())
        })
    }

    /// Records nothing that happens from now on, until somebody resumes or a time comes.
    pub fn pause(&self, until: Option<Timestamp>) -> Result<()> {
        self.order(move |engine, _| engine.pause(until))
    }

    /// Records again what happens from now on.
    pub fn resume(&self) -> Result<()> {
        self.order(|engine, _| engine.resume())
    }

    /// Has something done by the one thread that writes, between two transactions, and waits for the answer.
    fn order<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine, &OnChange) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = bounded(1);
        let order: Order = Box::new(move |engine, on_change| {
            // Who asked may have given up waiting.
            let _ = reply.send(work(engine, on_change));
        });
        self.orders.send_timeout(order, PATIENCE).map_err(|_| IngestError::NoAnswer)?;
        let _ = self.wake.send(Wake::Order);
        answer.recv_timeout(PATIENCE).map_err(|_| IngestError::NoAnswer)?
    }

    /// Orders data to be taken away; the order's number. Refused while another order is carried out.
    pub fn order_care(&self, order: CareOrder) -> Result<u64> {
        let mut progress = self.care_progress.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(progress.phase, "done" | "failed") {
            return Err(IngestError::Busy);
        }
        self.care.try_send(order).map_err(|_| IngestError::Busy)?;
        *progress = CareProgress { order_no: progress.order_no + 1, phase: "waiting", ..CareProgress::default() };
        let _ = self.wake.send(Wake::Order);
        Ok(progress.order_no)
    }

    /// How far the last order is.
    pub fn care_progress(&self) -> CareProgress {
        self.care_progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
