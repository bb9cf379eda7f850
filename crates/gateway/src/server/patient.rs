//! A connection that is not waited for without end.
//!
//! hyper bounds the head of a request, but not the time until it knows which version of HTTP is spoken, nor the time
//! that a caller leaves written bytes unread.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How HTTP/2 begins (RFC 9113, 3.4). Bytes that differ from it are HTTP/1.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a caller is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until it is known which version of HTTP it speaks.
    pub(super) greeting: Duration,
    /// While it reads nothing of what is written to it.
    pub(super) unread: Duration,
}

/// A stream whose reads fail once the greeting is overdue, and whose writes fail once they stood still too long.
pub(super) struct Patient<S> {
    stream: S,
    /// What of the preface is still to come, and until when; `None` once the version is known.
    greeting: Option<(&'static [u8], Pin<Box<Sleep>>)>,
    unread: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Patience) -> Self {
        let greeting = Some((PREFACE, Box::pin(tokio::time::sleep(patience.greeting))));
        Self { stream, greeting, unread: patience.unread, stuck: None }
    }

    fn greeted(&mut self, read: &[u8]) {
        self.greeting = self.greeting.take().and_then(|(rest, until)| {
            let rest = rest.strip_prefix(read)?;
            (!read.is_empty() && !rest.is_empty()).then_some((rest, until))
        });
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.stuck = None;
            return done;
        }
        let unread = self.unread;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(unread)));
        stuck.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(done) => {
                this.greeted(buf.filled().get(before..).unwrap_or_default());
                Poll::Ready(done)
            }
            Poll::Pending => match &mut this.greeting {
                Some((_rest, until)) => until.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
                None => Poll::Pending,
            },
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.written(cx, done)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.written(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_flush(cx);
        this.written(cx, done)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let done = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.written(cx, done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SHORT: Patience = Patience { greeting: Duration::from_millis(1), unread: Duration::from_millis(1) };

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    /// Reads what the caller said, and then until the patience ends; whether it did.
    async fn given_up(said: &[u8]) -> bool {
        let (mut caller, house) = tokio::io::duplex(64);
        caller.write_all(said).await.unwrap();
        let mut stream = Patient::new(house, SHORT);
        let mut heard = vec![0; said.len()];
        stream.read_exact(&mut heard).await.unwrap();
        let more = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
        matches!(more, Ok(Err(error)) if error.kind() == io::ErrorKind::TimedOut)
    }

    #[test]
    fn a_connection_is_given_up_while_its_version_is_not_known() {
        block(async {
            assert!(given_up(b"").await);
            assert!(given_up(b"P").await);
            assert!(given_up(&PREFACE[..23]).await);
            assert!(!given_up(PREFACE).await);
            assert!(!given_up(b"POST").await);
        });
    }

    #[test]
    fn a_caller_who_reads_nothing_is_given_up() {
        let (_caller, house) = tokio::io::duplex(4);
        let error = block(async { Patient::new(house, SHORT).write_all(b"12345").await }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
