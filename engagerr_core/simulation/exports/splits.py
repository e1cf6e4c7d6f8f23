"""How an account's figures fall into parts: the shares behind the tables by city, device, job title and the like."""

from engagerr_core.simulation.plans import Profile

# dimension → (value, share); what is missing to 1 is not listed
SHARES: dict[str, tuple[tuple[str, float], ...]] = {
    "subscription_status": (("Not subscribed", 0.68), ("Subscribed", 0.32)),
    "device": (("Mobile phone", 0.61), ("Computer", 0.18), ("TV", 0.15), ("Tablet", 0.06)),
    "operating_system": (
        ("Android", 0.38),
        ("iOS", 0.29),
        ("Windows", 0.13),
        ("Smart TV", 0.11),
        ("Macintosh", 0.06),
        ("Linux", 0.03),
    ),
    "playback_location": (
        ("YouTube watch page", 0.71),
        ("YouTube channel page", 0.04),
        ("Shorts feed", 0.19),
        ("Embedded in external websites and apps", 0.06),
    ),
    "job_title": (("Founder", 0.11), ("Consultant", 0.08), ("Account Manager", 0.05), ("Salesperson", 0.004)),
    "seniority": (("Senior", 0.34), ("Entry", 0.19), ("Director", 0.12), ("CXO", 0.06), ("Partner", 0.008)),
    "industry": (("Business Consulting and Services", 0.21), ("Software Development", 0.13), ("Retail", 0.007)),
    "company_size": (("2-10 employees", 0.22), ("11-50 employees", 0.17), ("10,001+ employees", 0.09)),
}
LINKEDIN_SPLITS = {  # dimension → what the creator's workbook calls it: before 2026, and since
    "job_title": ("Job titles", "Job title"),
    "city": ("Locations", "Location"),
    "seniority": ("Seniority", "Seniority"),
    "industry": ("Industries", "Industry"),
    "company_size": ("Company size", "Company size"),
}


def shares_of(profile: Profile, dimension: str) -> tuple[tuple[str, float], ...]:
    """Values of a dimension and their shares for a creator's audience."""
    return profile.cities if dimension == "city" else SHARES[dimension]
