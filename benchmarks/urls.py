from django.urls import path

from benchmarks.bare.views import bare
from pmoportal import urls

urlpatterns = [path("bare/", bare), *urls.urlpatterns]
