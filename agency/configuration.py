"""Django's admin, narrowed to configuration. See agency.admin for what it shows."""

from django.contrib.admin.apps import AdminConfig


class ConfigurationAdmin(AdminConfig):
    """Django's admin with a site of our own: no case data, no second sign-in, nothing that registers itself."""

    default_site = "agency.admin_site.ConfigurationSite"
