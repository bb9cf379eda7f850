//! The command line's end of the socket.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{LINE, Reply};
use crate::failure::{Failure, why};
use crate::operations::{Answer, Operation};

/// How long a server may take to be asked.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a running server.
pub(crate) struct Client {
    reader: BufReader<UnixStream>,
}

impl Client {
    /// Connects; `None` when no server listens there.
    pub(crate) fn connect(socket: &Path) -> Result<Option<Self>, Failure> {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                stream.set_write_timeout(Some(PATIENCE)).map_err(|error| broken(&error))?;
                Ok(Some(Self { reader: BufReader::new(stream) }))
            }
            Err(error) if nobody_listens(&error) => Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Err(Failure::unreachable("the admin socket belongs to another user")
                    .help("run this as the user that runs the server"))
            }
            Err(error) => Err(broken(&error)),
        }
    }

    /// Asks one thing.
    pub(crate) fn ask(&mut self, operation: &Operation) -> Result<Answer, Failure> {
        let mut line = Zeroizing::new(
            serde_json::to_vec(operation).map_err(|_| Failure::failed("the request can't be written"))?,
        );
        line.push(b'\n');
        let patience = Some(operation.patience());
        self.reader.get_ref().set_read_timeout(patience).map_err(|error| broken(&error))?;
        self.reader.get_mut().write_all(&line).map_err(|error| broken(&error))?;
        let mut answer = Zeroizing::new(String::new());
        let limit = LINE * 16;
        (&mut self.reader).take(limit).read_line(&mut answer).map_err(|error| broken(&error))?;
        match serde_json::from_str(&answer) {
            Ok(Reply::Ok(answer)) => Ok(answer),
            Ok(Reply::Failed(failure)) => Err(failure),
            Err(_) if answer.is_empty() => Err(Failure::unreachable("the server closed the admin socket")),
            Err(_) => Err(Failure::unreachable("the server's answer is not understood")
                .help("command and server must be of the same version")),
        }
    }
}

/// No socket, nobody behind it, or a path that is too long for one.
fn nobody_listens(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput)
}

fn broken(error: &std::io::Error) -> Failure {
    Failure::unreachable(format!("the server does not answer on its admin socket: {}", why(error)))
}
