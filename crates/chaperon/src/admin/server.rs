//! The server's end of the socket.

use std::future::Future;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{LINE, Reply};
use crate::failure::{Failure, why};
use crate::operations::{Answer, Operation};

/// Connections at a time; more wait.
const CONNECTIONS: usize = 16;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_mins(1);

/// Who is at the other end, as the operating system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The user's number.
    pub(crate) uid: u32,
}

type Answered = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

/// Answers one operation.
pub(crate) type Handler = Arc<dyn Fn(Operation, Peer) -> Answered + Send + Sync>;

/// A bound socket; its file goes when this does.
pub(crate) struct Bound {
    listener: UnixListener,
    path: PathBuf,
}

impl Bound {
    /// Binds the socket so that only its owner may open it. The caller holds the data directory's lock: a socket
    /// file that is there was left behind.
    pub(crate) fn bind(path: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let shown = path.display();
            let failure =
                Failure::failed(format!("the admin socket `{shown}` can't be made: {}", why(&error)));
            match error.kind() {
                std::io::ErrorKind::InvalidInput => failure
                    .help("its path is too long for a socket: name a shorter one, `socket` under `[admin]`"),
                _ => failure,
            }
        };
        match std::fs::symlink_metadata(path) {
            Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path).map_err(failed)?,
            Ok(_) => {
                return Err(Failure::failed(format!(
                    "`{}` is not a socket; it is left as it is",
                    path.display()
                )));
            }
            Err(_) => {}
        }
        // bound under a name that nobody knows and renamed once its mode is right
        let fresh = path.with_extension(format!("{}.tmp", std::process::id()));
        let _ = std::fs::remove_file(&fresh);
        let listener = UnixListener::bind(&fresh).map_err(failed)?;
        std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        std::fs::rename(&fresh, path).map_err(failed)?;
        Ok(Self { listener, path: path.to_path_buf() })
    }

    /// Answers until the future is dropped.
    pub(crate) async fn serve(self, handler: Handler) {
        let seats = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else {
                return;
            };
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let handler = Arc::clone(&handler);
            tokio::spawn(async move {
                let _seat = seat;
                converse(stream, handler).await;
            });
        }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn converse(stream: UnixStream, handler: Handler) {
    let Ok(credentials) = stream.peer_cred() else {
        return;
    };
    let peer = Peer { uid: credentials.uid() };
    let own = nix::unistd::geteuid().as_raw();
    if peer.uid != own && peer.uid != 0 {
        return;
    }
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Zeroizing::new(Vec::new());
        let mut bounded = (&mut reader).take(LINE);
        match tokio::time::timeout(SILENCE, bounded.read_until(b'\n', &mut line)).await {
            Ok(Ok(read)) if read > 0 => {}
            _ => return,
        }
        let reply = match serde_json::from_slice(&line) {
            Ok(operation) => match handler(operation, peer).await {
                Ok(answer) => Reply::Ok(answer),
                Err(failure) => Reply::Failed(failure),
            },
            Err(_) => Reply::Failed(
                Failure::usage("the server does not understand this request")
                    .help("command and server must be of the same version"),
            ),
        };
        let Ok(text) = serde_json::to_vec(&reply) else {
            return;
        };
        let mut text = Zeroizing::new(text);
        text.push(b'\n');
        if writer.write_all(&text).await.is_err() {
            return;
        }
    }
}
