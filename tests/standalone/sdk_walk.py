"""Every accelerator method of openstacksdk that works in the client itself, against an endpoint without authentication.

Usage: sdk_walk.py ENDPOINT IMAGE_FOLDER. Prints each method that it has seen work; methods that this version of the SDK does not have are
told and passed over.
"""
import os
import sys
import uuid

import openstack

endpoint, images = sys.argv[1:]
connection = openstack.connection.Connection(
    auth_type='none', endpoint=endpoint, accelerator_endpoint_override=endpoint, accelerator_default_microversion='2.3')
acc = connection.accelerator


def seen(method):
    print('ok', method)


def known(method):
    if hasattr(acc, method):
        return True
    print('absent', method)
    return False


devices = list(acc.devices())
assert len(devices) >= 1 and devices[0].hostname, devices
seen('devices')
assert acc.get_device(devices[0].id).vendor == devices[0].vendor
seen('get_device')

deployables = list(acc.deployables())
assert deployables[0].name, deployables
seen('deployables')
deployable = acc.get_deployable(deployables[0].id)
assert deployable.num_accelerators >= 1
seen('get_deployable')

# The SDK names no provider: it is read from the body, as the command line client's users do.
provider = acc.get('/deployables/%s' % deployable.id).json()['rp_uuid']

image = str(uuid.uuid4())
with open(os.path.join(images, image), 'wb') as stream:
    stream.write(b'bits')
patch = [{'path': '/program', 'op': 'replace', 'value': [{'image_uuid': image}]}]
for method in ('update_deployable', 'patch_deployable'):
    if known(method):
        try:
            getattr(acc, method)(deployable.id, patch)
            seen(method)
        except RecursionError:
            print('broken in the client', method)

name = 'sdk-%s' % uuid.uuid4().hex
profile = acc.create_device_profile(
    name=name, groups=[{'resources:FPGA': '1', 'trait:CUSTOM_FAKE_DEVICE': 'required'}], description=None)
assert profile.name == name and profile.uuid
seen('create_device_profile')
assert name in [each.name for each in acc.device_profiles()]
seen('device_profiles')
assert acc.get_device_profile(profile.uuid).name == name
assert acc.get_device_profile(name).uuid == profile.uuid
seen('get_device_profile')

arq = acc.create_accelerator_request(device_profile_name=name)
assert arq.uuid and arq.state == 'Initial', arq
seen('create_accelerator_request')
assert arq.uuid in [each.uuid for each in acc.accelerator_requests()]
seen('accelerator_requests')
instance = str(uuid.uuid4())
acc.update_accelerator_request(arq.uuid, [
    {'path': '/hostname', 'op': 'add', 'value': 'compute1'},
    {'path': '/device_rp_uuid', 'op': 'add', 'value': provider},
    {'path': '/instance_uuid', 'op': 'add', 'value': instance}])
bound = acc.get_accelerator_request(arq.uuid)
assert bound.state == 'Bound' and bound.instance_uuid == instance and bound.attach_handle_info, bound
seen('get_accelerator_request')
acc.update_accelerator_request(arq.uuid, [
    {'path': path, 'op': 'remove'} for path in ('/hostname', '/device_rp_uuid', '/instance_uuid')])
assert acc.get_accelerator_request(arq.uuid).state == 'Unbound'
seen('update_accelerator_request')
acc.delete_accelerator_request(arq.uuid)
assert arq.uuid not in [each.uuid for each in acc.accelerator_requests()]
acc.delete_accelerator_request(arq.uuid)
seen('delete_accelerator_request')

acc.delete_device_profile(profile.uuid)
acc.delete_device_profile(profile.uuid)
seen('delete_device_profile')
try:
    acc.get_device_profile(profile.uuid)
    raise AssertionError('the profile is still there')
except openstack.exceptions.NotFoundException as error:
    assert 'not found' in str(error), error

if known('create_attribute'):
    made = acc.create_attribute(deployable_id=str(deployable.id), key='rack', value='7')
    seen('create_attribute')
    assert made.uuid in [each.uuid for each in acc.attributes()]
    seen('attributes')
    assert acc.get_attribute(made.uuid).value == '7'
    seen('get_attribute')
    acc.delete_attribute(made.uuid)
    seen('delete_attribute')
