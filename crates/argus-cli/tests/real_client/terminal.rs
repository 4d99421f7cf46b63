//! The client as a person sees it: in a terminal, with keys to press and a screen to read.
//!
//! A pseudo-terminal carries the bytes, a terminal emulator turns them into the screen a person would see, and every step
//! waits for what it needs on that screen, never for a fixed time. What must stay true: the client dies with the value.
//!
//! Start at [`World::terminal`].

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::world::World;

const ROWS: NonZeroU16 = NonZeroU16::new(50).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(160).unwrap();

/// How long a screen may take to come; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the screen is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Keys a prompt does not hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Enter,
    Escape,
}

/// A client in a terminal.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    // Keeps the terminal open as long as the client may write to it.
    _pty: Box<dyn portable_pty::MasterPty + Send>,
}

impl World {
    /// Starts the client in a terminal and waits until it takes input.
    pub(crate) fn terminal(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Terminal {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(self.client());
        command.args(arguments);
        command.cwd(self.work());
        command.env_clear();
        for (name, value) in self.client_environment() {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let mut output = pair.master.try_clone_reader().unwrap();
        std::thread::spawn({
            let screen = Arc::clone(&screen);
            move || {
                let mut bytes = [0; 16 * 1024];
                // Ends with the client: reading a terminal whose other side is closed is an error on Linux.
                while let Ok(count @ 1..) = output.read(&mut bytes) {
                    screen.lock().unwrap_or_else(PoisonError::into_inner).process(&bytes[..count]);
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        let terminal = Terminal { child, keyboard, screen, _pty: pair.master };
        terminal.wait_for("❯");
        terminal
    }
}

impl Terminal {
    /// Types a line, waits until it stands in the prompt, and sends it.
    pub(crate) fn say(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self.wait_for(text);
        // Keys that come in one read with the text would be taken for pasted text.
        std::thread::sleep(Duration::from_millis(200));
        self.press(Key::Enter);
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: Key) {
        let bytes: &[u8] = match key {
            Key::Enter => b"\r",
            Key::Escape => b"\x1b",
        };
        self.keyboard.write_all(bytes).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Answers a dialog once it is there, by one key.
    pub(crate) fn answer(&mut self, dialog: &str, key: Key) {
        self.wait_for(dialog);
        let deadline = Instant::now() + PATIENCE;
        while self.text().contains(dialog) {
            assert!(Instant::now() < deadline, "the dialog {dialog:?} took no answer; the screen:\n{}", self.text());
            // A dialog ignores keys for a moment after it opens, so that nobody answers what he has not read.
            std::thread::sleep(Duration::from_secs(1));
            self.press(key);
            let settled = Instant::now() + Duration::from_secs(1);
            while self.text().contains(dialog) && Instant::now() < settled {
                std::thread::sleep(GLANCE);
            }
        }
    }

    /// Waits until the screen shows a text.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(&format!("the screen shows {text:?}"), || self.text().contains(text));
    }

    /// Waits until something is so, showing the screen when it never is.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "waited in vain until {what}; the screen:\n{}", self.text());
            std::thread::sleep(GLANCE);
        }
    }

    /// Leaves the client as a person does, and waits until it is gone.
    pub(crate) fn leave(mut self) {
        self.say("/exit");
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the client did not leave; the screen:\n{}", self.text());
            std::thread::sleep(GLANCE);
        }
    }

    /// What the screen shows.
    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner).screen().contents()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
