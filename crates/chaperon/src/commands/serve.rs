//! serve: the house open, the admin socket answering, the gateway listening, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::Ended;
use crate::admin::{Bound, Handler};
use crate::cli::{Global, Serve};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::house::{House, NotOpened, Opening, taken};
use crate::operations::perform;
use crate::plane::Plane;

pub(super) fn run(global: &Global, serve: &Serve) -> Ended {
    let mut overrides = global.overrides();
    overrides.listen = serve.listen;
    let config = Config::load(&overrides)?;
    crate::log::start(config.log)?;
    raise_open_files();
    let runtime = runtime()?;
    runtime.block_on(async {
        let stop = stop()?;
        let house = open(config).await?;
        let served = match Plane::bind(&house).await {
            Ok(plane) => serve_until(&house, plane, stop).await,
            Err(failure) => Err(failure),
        };
        let closed = house.shut_down().await;
        served.and(closed)
    })?;
    Ok(Exit::Ok)
}

/// Takes all the open files that the system allows: each exchange needs two, and many systems begin with few for the
/// sake of programs that can't count beyond 1024. Where it can't be had, `doctor` tells.
fn raise_open_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// The runtime of a server.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no runtime: {}", why(&error))))
}

/// Opens the house for a server: made where it is not, its record started, its configuration on record.
pub(crate) async fn open(config: Config) -> Result<Arc<House>, Failure> {
    let mut tries = 40;
    let house = loop {
        match House::open(config.clone(), Opening::Make).await {
            Ok(house) => break house,
            Err(NotOpened::Failed(failure)) => return Err(failure),
            Err(NotOpened::Held) if tries == 0 => return Err(taken(&config)),
            // a command without a server is done in a moment
            Err(NotOpened::Held) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
        tries -= 1;
    };
    house.journal().await?;
    house.record_configuration().await?;
    Ok(Arc::new(house))
}

/// Serves admin socket and gateway until `stop` ends, then lets exchanges end.
pub(crate) async fn serve_until(
    house: &Arc<House>,
    plane: Plane,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Failure> {
    let admin = tokio::spawn(Bound::bind(&house.config.admin.socket)?.serve(handler(house)));
    tracing::info!(listen = %plane.address(), "serving");
    plane.serve(stop).await;
    // its socket file goes with the task, before the lock does
    admin.abort();
    let _ = admin.await;
    Ok(())
}

fn handler(house: &Arc<House>) -> Handler {
    let house = Arc::clone(house);
    Arc::new(move |operation, peer| {
        let house = Arc::clone(&house);
        Box::pin(async move { perform(&house, operation, peer.uid).await })
    })
}

/// Ends when the process is asked to: SIGTERM or SIGINT.
pub(crate) fn stop() -> Result<impl Future<Output = ()> + Send, Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("signals can't be heard: {}", why(&error)));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
