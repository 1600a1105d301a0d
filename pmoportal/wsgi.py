import os

from django.core.wsgi import get_wsgi_application

from pmoportal.checks import refuse_unfit_production

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmoportal.settings")

refuse_unfit_production()
application = get_wsgi_application()
