"""One insert and one template: what any page that keeps something costs at the least."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from benchmarks.bare.models import Note


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    note = Note.objects.create(text=request.POST.get("choice", ""))
    return render(request, "bare/page.html", {"note": note})
