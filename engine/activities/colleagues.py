"""The people of the branch who do business today: whom one can ask or let read something."""

from engine.domain.identity import ROLES, ROLES_APART, Agency, User
from engine.store.unit_of_work import Reader


def colleagues(reader: Reader) -> list[User]:
    """Active people with a role in the branch today, but for those who administer or audit."""
    today = [m for m in reader.organisation.all_memberships() if m.is_valid_on(reader.today)]
    apart = {m.user_id for m in today if m.role in ROLES_APART}
    own = {m.user_id for m in today if m.role in ROLES and ROLES[m.role].agency is Agency.BRANCH}
    return [user for user in reader.organisation.users() if user.active and user.id in own - apart]
