//! Sealing for other rooms.

use std::mem;
use std::sync::Arc;

use terms::{Digester, EngagementId, KeyId, KeyUse, Phi, SealError, SealedValue, Sealer, Vault};
use zeroize::Zeroizing;

use crate::engagement::HeldKey;
use crate::keyring::Inner;
use crate::secret::{Secret, context};

/// Values and keys are bound to who they belong to, what for, and what the caller says.
fn bound(what: &str, engagement: &EngagementId, label: &str, given: &[u8]) -> Vec<u8> {
    context(what, &[engagement.as_str().as_bytes(), label.as_bytes(), given])
}

impl Vault for Inner {
    fn seal(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        plain: &[u8],
    ) -> Result<SealedValue, SealError> {
        let keys = self.engagement(engagement)?;
        let epoch = keys.newest()?;
        let of_use = epoch.keys_of(key_use)?;
        let context = bound("value", engagement, of_use.label, context);
        let bytes = of_use.values.wrap(self.randomness(), &context, plain)?;
        Ok(SealedValue { epoch: epoch.number, bytes })
    }

    fn unseal(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<Phi<Vec<u8>>, SealError> {
        let keys = self.engagement(engagement)?;
        let of_use = keys.epoch(sealed.epoch)?.keys_of(key_use)?;
        let context = bound("value", engagement, of_use.label, context);
        let mut plain = of_use.values.unwrap(&context, &sealed.bytes)?;
        Ok(Phi::new(mem::take(&mut *plain)))
    }

    fn fresh_key(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
    ) -> Result<(SealedValue, Arc<dyn Sealer>), SealError> {
        let keys = self.engagement(engagement)?;
        let epoch = keys.newest()?;
        let of_use = epoch.keys_of(key_use)?;
        let key = Secret::fresh(self.randomness());
        let id = self.fresh_id();
        // 16 bytes of the key's id, 32 of the key.
        let plain: Zeroizing<Vec<u8>> = Zeroizing::new([&id.as_bytes()[..], key.expose()].concat());
        let context = bound("key", engagement, of_use.label, context);
        let bytes = of_use.keys.wrap(self.randomness(), &context, &plain)?;
        let held = HeldKey::new(id, epoch.number, &key)?;
        Ok((SealedValue { epoch: epoch.number, bytes }, Arc::new(held)))
    }

    fn open_key(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<Arc<dyn Sealer>, SealError> {
        let keys = self.engagement(engagement)?;
        let of_use = keys.epoch(sealed.epoch)?.keys_of(key_use)?;
        let context = bound("key", engagement, of_use.label, context);
        let plain = of_use.keys.unwrap(&context, &sealed.bytes)?;
        let (id, key) = plain.split_first_chunk::<16>().ok_or(SealError::Forged)?;
        let key = Secret::from_slice(key).ok_or(SealError::Forged)?;
        Ok(Arc::new(HeldKey::new(KeyId::from_bytes(*id), sealed.epoch, &key)?))
    }

    fn digester(&self, engagement: &EngagementId, key_use: KeyUse) -> Result<Arc<dyn Digester>, SealError> {
        self.engagement(engagement)?.digester(key_use)
    }
}
