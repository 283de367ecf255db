/// A part of AWS with names, domains and accounts of its own, like `aws-cn` for the regions in China.
///
/// ```
/// use credential_endpoint::Partition;
///
/// let partition = Partition::of_region("us-gov-west-1");
/// assert_eq!(partition.name(), "aws-us-gov");
/// assert_eq!(partition.dns_suffix(), "amazonaws.com");
/// assert_eq!(partition.dual_stack_suffix(), "api.aws");
/// ```
///
/// AWS: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    name: &'static str,
    /// What stands before `-WORD-DIGITS` in the names of its regions.
    stems: &'static [&'static str],
    dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
}

impl Partition {
    /// The partition that a region belongs to: `aws-cn-global` and its like by name, others by the shape of their name.
    /// A region that nobody has heard of yet belongs to `aws`.
    #[must_use]
    pub fn of_region(region: &str) -> &'static Self {
        let of_name = |name: &str| all().find(|partition| partition.name == name);
        if let Some(partition) = region.strip_suffix("-global").and_then(of_name) {
            return partition;
        }
        stem_of(region)
            .and_then(|stem| all().find(|partition| partition.stems.contains(&stem)))
            .unwrap_or(&AWS)
    }

    /// Its name as it stands in ARNs: `aws`, `aws-cn`, …
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The domain of its services, after `SERVICE.REGION.`: `amazonaws.com`.
    #[must_use]
    pub fn dns_suffix(&self) -> &'static str {
        self.dns_suffix
    }

    /// The domain of its services for those who also call over IPv6: `api.aws`.
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
    #[must_use]
    pub fn dual_stack_suffix(&self) -> &'static str {
        self.dual_stack_suffix
    }
}

fn all() -> impl Iterator<Item = &'static Partition> {
    std::iter::once(&AWS).chain(&OTHERS)
}

/// `us-gov` of `us-gov-west-1`.
fn stem_of(region: &str) -> Option<&str> {
    let (rest, digits) = region.rsplit_once('-')?;
    let (stem, word) = rest.rsplit_once('-')?;
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (number && !word.is_empty()).then_some(stem)
}

static AWS: Partition = Partition {
    name: "aws",
    stems: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
    dns_suffix: "amazonaws.com",
    dual_stack_suffix: "api.aws",
};

static OTHERS: [Partition; 7] = [
    Partition {
        name: "aws-cn",
        stems: &["cn"],
        dns_suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
    },
    Partition {
        name: "aws-eusc",
        stems: &["eusc-de"],
        dns_suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
    },
    Partition {
        name: "aws-iso",
        stems: &["us-iso"],
        dns_suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
    },
    Partition {
        name: "aws-iso-b",
        stems: &["us-isob"],
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
    },
    Partition {
        name: "aws-iso-e",
        stems: &["eu-isoe"],
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
    },
    Partition {
        name: "aws-iso-f",
        stems: &["us-isof"],
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
    },
    Partition {
        name: "aws-us-gov",
        stems: &["us-gov"],
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_two_domains() {
        let table = [
            ("us-east-1", "amazonaws.com", "api.aws"),
            ("mx-central-1", "amazonaws.com", "api.aws"),
            ("cn-north-1", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
            ("eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu"),
            ("us-iso-east-1", "c2s.ic.gov", "api.aws.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud"),
            ("eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
            ("us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
            ("us-gov-west-1", "amazonaws.com", "api.aws"),
        ];
        for (region, dns_suffix, dual_stack_suffix) in table {
            let partition = Partition::of_region(region);
            assert_eq!(partition.dns_suffix(), dns_suffix, "{region}");
            assert_eq!(partition.dual_stack_suffix(), dual_stack_suffix, "{region}");
        }
    }

    #[test]
    fn regions_find_their_partition_by_name_then_by_shape() {
        let table = [
            ("aws-global", "aws"),
            ("aws-cn-global", "aws-cn"),
            ("aws-us-gov-global", "aws-us-gov"),
            ("aws-iso-b-global", "aws-iso-b"),
            ("ap-southeast-7", "aws"),
            ("us-gov-east-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("cn-north-12", "aws-cn"),
            ("cn-north", "aws"),
            ("cn-north-x", "aws"),
            ("cn--1", "aws"),
            ("moon-base-1", "aws"),
            ("local", "aws"),
            ("-global", "aws"),
            ("", "aws"),
        ];
        for (region, name) in table {
            assert_eq!(Partition::of_region(region).name(), name, "{region}");
        }
    }
}
