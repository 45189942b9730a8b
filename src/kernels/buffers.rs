//! Buffers for feature maps, reused so that not every image allocates its own.

use std::sync::{Mutex, PoisonError};

/// Buffers that no thread is using at the moment.
pub struct BufferPool<T>(Mutex<Vec<T>>);

impl<T> Default for BufferPool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> BufferPool<T> {
    /// Calls `run` with unused buffers, or with `new` ones if there are none. Reused buffers still
    /// hold the values of the last use.
    pub fn lend<R>(&self, new: impl FnOnce() -> T, run: impl FnOnce(&mut T) -> R) -> R {
        let unused = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used_before = unused().pop();
        let mut buffers = used_before.unwrap_or_else(new);
        let result = run(&mut buffers);
        unused().push(buffers);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_reused_but_never_shared() {
        let pool = BufferPool::default();
        let made = std::cell::Cell::new(0);
        let new = || {
            made.set(made.get() + 1);
            made.get()
        };
        pool.lend(new, |&mut first| {
            pool.lend(new, |&mut second| assert_ne!(first, second));
        });
        pool.lend(new, |_| ());
        assert_eq!(made.get(), 2);
    }
}
