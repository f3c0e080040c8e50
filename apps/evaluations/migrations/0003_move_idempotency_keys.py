from django.db import migrations


def move(apps, schema_editor):
    """Keys now stand for jobs, so that other requests than uploads of runs can have them too."""
    old = apps.get_model("evaluations", "IdempotencyKey").objects.select_related("run")
    new = apps.get_model("jobs", "IdempotencyKey")
    for key in old.iterator():
        moved = new.objects.create(
            user_id=key.user_id, key=key.key, fingerprint=key.fingerprint, job_id=key.run.job_id
        )
        new.objects.filter(pk=moved.pk).update(created_at=key.created_at)


class Migration(migrations.Migration):

    dependencies = [
        ("evaluations", "0002_baseline_and_comparison"),
        ("jobs", "0003_idempotency_key"),
    ]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
