//! Where a command asks: a running server, or the house opened here.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::{House, NotOpened, Opening};
use crate::admin::Client;
use crate::config::Config;
use crate::failure::{Failure, why};
use crate::operations::{Answer, Operation, RowView, perform};

/// How long another process may hold the data directory without answering: a command without a server is done
/// sooner, a server that starts has its socket sooner.
const PATIENCE: Duration = Duration::from_secs(5);

/// A place to ask.
pub(crate) struct Desk(Way);

enum Way {
    Server(Client),
    Here { runtime: Runtime, house: Box<House> },
}

impl Desk {
    /// Opens the desk, has `work` done at it, and closes it in order, whatever came of the work.
    pub(crate) fn with<T>(
        config: &Config,
        opening: Opening,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut desk = Self::open(config, opening)?;
        let done = work(&mut desk);
        let closed = desk.close();
        let done = done?;
        closed.map(|()| done)
    }

    fn open(config: &Config, opening: Opening) -> Result<Self, Failure> {
        let began = Instant::now();
        loop {
            if let Some(client) = Client::connect(&config.admin.socket)? {
                return Ok(Self(Way::Server(client)));
            }
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| Failure::failed(format!("no runtime: {}", why(&error))))?;
            match runtime.block_on(House::open(config.clone(), opening)) {
                Ok(house) => return Ok(Self(Way::Here { runtime, house: Box::new(house) })),
                Err(NotOpened::Failed(failure)) => return Err(failure),
                Err(NotOpened::Held) if began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(25));
                }
                Err(NotOpened::Held) => return Err(super::open::held(config)),
            }
        }
    }

    /// Whether a server answers.
    pub(crate) const fn is_server(&self) -> bool {
        matches!(self.0, Way::Server(_))
    }

    /// Asks one thing.
    pub(crate) fn ask(&mut self, operation: Operation) -> Result<Answer, Failure> {
        match &mut self.0 {
            Way::Server(client) => client.ask(&operation),
            Way::Here { runtime, house } => {
                let uid = nix::unistd::geteuid().as_raw();
                runtime.block_on(perform(house, operation, uid))
            }
        }
    }

    /// Asks for rows.
    pub(crate) fn rows(&mut self, operation: Operation) -> Result<Vec<RowView>, Failure> {
        match self.ask(operation)? {
            Answer::Rows(rows) => Ok(rows),
            _ => Err(Failure::failed("the answer is not the one that was asked for")),
        }
    }

    fn close(self) -> Result<(), Failure> {
        match self.0 {
            Way::Server(_) => Ok(()),
            Way::Here { runtime, house } => {
                let closed = runtime.block_on(house.shut_down());
                drop(house);
                // a name server that does not answer keeps nobody waiting
                runtime.shutdown_background();
                closed
            }
        }
    }
}
